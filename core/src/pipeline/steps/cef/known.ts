import { type KnownField, outcome, whole } from "../event-format/fields.ts";

/** Keys of a CEF extension that the event schema has a field for. Times are apart. */
export const knownCef: Readonly<Record<string, KnownField>> = {
  act: { path: "action" },
  app: { path: "protocol" },
  outcome: { path: "actionResult", value: outcome },
  proto: { path: "protocol" },
  src: { path: "origin.ip" },
  spt: { path: "origin.port", value: whole },
  shost: { path: "origin.host" },
  smac: { path: "origin.mac" },
  sntdom: { path: "origin.domain" },
  suser: { path: "origin.user" },
  sproc: { path: "origin.process" },
  in: { path: "origin.bytesSent", value: whole },
  dst: { path: "target.ip" },
  dpt: { path: "target.port", value: whole },
  dhost: { path: "target.host" },
  dmac: { path: "target.mac" },
  dntdom: { path: "target.domain" },
  duser: { path: "target.user" },
  dproc: { path: "target.process" },
  out: { path: "target.bytesSent", value: whole },
  request: { path: "target.url" },
  fname: { path: "target.filename" },
  filePath: { path: "target.path" },
  fileHash: { path: "target.hash" },
  fsize: { path: "target.sizeInBytes" },
};

/** Keys whose value is when it happened, the better one first. */
export const cefTimes: readonly string[] = ["rt", "end", "start"];
