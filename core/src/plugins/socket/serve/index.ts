/** For plugins over sockets that are written in TypeScript (docs/guide/socket-plugins.md). */
export { openInput, type PluginInput } from "./input.ts";
export {
  type NewAlert,
  type ParseOutcome,
  type ServedPlugin,
  type ServeOptions,
  serveAnalysis,
  serveCorrelation,
  serveNotification,
  serveParsing,
} from "./serve.ts";
