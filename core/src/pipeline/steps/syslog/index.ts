import { z } from "zod";
import type { JsonObject } from "../../paths/index.ts";
import { timezone } from "../date.ts";
import { zoneOf } from "../layout.ts";
import { compileSource, type RunStep, readSourceText } from "../step.ts";
import { where } from "../where.ts";
import { logOf } from "../write-log.ts";
import type { SyslogLine } from "./header.ts";
import { facilities, severities } from "./names.ts";
import { parseSyslog } from "./parse.ts";
import { compileStamp } from "./stamp.ts";
import { parseStructuredData } from "./structured.ts";

/** Reads a syslog line of any kind: RFC 3164, RFC 5424, the ISO form of rsyslog's files, Cisco devices. */
export const syslog = z
  .strictObject({
    source: z.string().default("raw").describe("Path of the line."),
    side: z
      .enum(["origin", "target"])
      .default("origin")
      .describe(
        "Side that takes `host` and `process`: the host that logged may be who did it or whom it was done to.",
      ),
    timezone,
    where,
  })
  .describe(
    "Reads a syslog line of any kind: RFC 3164, RFC 5424, the ISO form of rsyslog's files, Cisco devices. Writes `deviceTime`, `host` and `process` of a side, and `log.message`, `log.pid`, `log.priority`, `log.facility` and `log.severity` (names), `log.messageId`, `log.structuredData`, `log.sequence`, each where the line has it.",
  );

const MAX_PID = 9;

function sideOf(root: JsonObject, side: string): JsonObject {
  const known = root[side];
  if (typeof known === "object" && known !== null && !Array.isArray(known)) return known as JsonObject;
  const made: JsonObject = {};
  root[side] = made;
  return made;
}

function write(line: SyslogLine, root: JsonObject, side: string): void {
  if (line.host !== undefined) sideOf(root, side).host = line.host;
  if (line.program !== undefined) sideOf(root, side).process = line.program;
  const log = logOf(root);
  if (line.priority !== undefined) {
    log.priority = line.priority;
    log.facility = facilities[line.priority >> 3];
    log.severity = severities[line.priority & 7];
  }
  if (line.sequence !== undefined) log.sequence = line.sequence;
  if (line.pid !== undefined)
    log.pid = /^\d+$/.test(line.pid) && line.pid.length <= MAX_PID ? Number(line.pid) : line.pid;
  if (line.messageId !== undefined) log.messageId = line.messageId;
  if (line.data !== undefined) log.structuredData = parseStructuredData(line.data);
  if (line.message !== "") log.message = line.message;
}

export function compileSyslog({ source, side, timezone }: z.infer<typeof syslog>): RunStep {
  const path = compileSource(source, ["source"]);
  const readStamp = compileStamp(zoneOf(timezone, ["timezone"]));
  return ({ root }) => {
    const line = parseSyslog(readSourceText(root, path), root["@timestamp"] as string, readStamp);
    if (line === undefined) return "missed";
    if (line.time !== undefined) root.deviceTime = line.time;
    write(line, root, side);
    return undefined;
  };
}
