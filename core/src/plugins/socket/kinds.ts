/** Kinds of plugins that serve a socket, as its name ends. */
export const servingKinds = ["parsing", "analysis", "correlation", "notification"] as const;
export type ServingKind = (typeof servingKinds)[number];
/** An input plugin serves no socket; it comes to ours. */
export type PluginKind = ServingKind | "input" | "unknown";

/** Full names of the methods on sockets (proto/plugins/plugins.proto). */
export const methods = {
  input: "/plugins.Engine/Input",
  engineNotify: "/plugins.Engine/Notify",
  processLog: "/plugins.Integration/ProcessLog",
  parse: "/plugins.Parsing/ParseLog",
  analyze: "/plugins.Analysis/Analyze",
  correlate: "/plugins.Correlation/Correlate",
  notify: "/plugins.Notification/Notify",
  parseLogs: "/vedette.plugins.v1.BatchParsing/ParseLogs",
} as const;

/** Most that a plugin takes in one message: the default of gRPC for Go, which the SDK leaves as it is. */
export const maxSentBytes = 4 << 20;
/** Most that is taken of a plugin in one message. */
export const maxTakenBytes = 16 << 20;
export const userAgent = "vedette-socket-host";

/** File name of a plugin's socket. */
export const socketName = (plugin: string, kind: ServingKind): string => `${plugin}_${kind}.sock`;

/** Plugin and kind of a socket's file name. The kind is what stands behind the last underscore, so that names may have some. */
export function ofSocketName(
  file: string,
): { readonly name: string; readonly kind: ServingKind } | undefined {
  for (const kind of servingKinds) {
    const end = `_${kind}.sock`;
    if (file.length > end.length && file.endsWith(end)) return { name: file.slice(0, -end.length), kind };
  }
  return undefined;
}
