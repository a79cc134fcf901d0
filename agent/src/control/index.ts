export { type ControlServer, controlSocket, serveControl } from "./server.ts";
export { TapHub } from "./tap.ts";
