export { SourceListener } from "./listener.ts";
export { list as listSources, SourceWatch } from "./source-watch.ts";
