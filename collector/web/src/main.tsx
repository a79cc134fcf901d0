import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/overview.css";
import "./styles/events.css";
import "./styles/drawer.css";
import "./styles/lists.css";
import "./styles/alerts.css";
import "./styles/cases.css";
import "./styles/form.css";
import "./styles/manage.css";
import "./styles/widgets.css";
import "./styles/response.css";

render(<App />, document.getElementById("app")!);
