import { z } from "zod";
import type { JsonObject } from "../../paths/index.ts";
import { compileDate, compileFormat, type ParseTime, type ZoneOffset } from "../../time/index.ts";
import { timezone } from "../date.ts";
import {
  compileKnown,
  eventTime,
  type KnownField,
  readAt,
  severityOfScale,
  whole,
} from "../event-format/fields.ts";
import { zoneOf } from "../layout.ts";
import { compileSource, type RunStep, readSourceText } from "../step.ts";
import { where } from "../where.ts";
import { logOf, putKey } from "../write-log.ts";
import { goLayoutOf } from "./java-layout.ts";
import { parseLeef } from "./parse.ts";

/** Reads a QRadar LEEF record of version 1.0 or 2.0, also behind a syslog header. */
export const leef = z
  .strictObject({
    source: z.string().default("raw").describe("Path of the text."),
    map: z
      .boolean()
      .default(true)
      .describe(
        "Moves well known keys to the event schema: `src`, `srcPort`, `srcMAC`, `srcBytes`, `usrName` and `domain` to `origin`, `dst` and the like to `target`, `proto` to `protocol`, `url` to `target.url`, `devTime` to `deviceTime`.",
      ),
    timezone,
    where,
  })
  .describe(
    "Reads a QRadar LEEF record of version 1.0 or 2.0, also behind a syslog header. Its header goes to `log.deviceVendor`, `log.deviceProduct`, `log.deviceVersion` and `log.eventId`, its attributes under `log.` by their keys, `sev` (0 to 10) also to `severity`. A key that stands twice is kept once, the first, with an entry in `errors`.",
  );

/** Attributes that the event schema has a field for. Times are apart. */
export const knownLeef: Readonly<Record<string, KnownField>> = {
  proto: { path: "protocol" },
  src: { path: "origin.ip" },
  srcPort: { path: "origin.port", value: whole },
  srcMAC: { path: "origin.mac" },
  srcBytes: { path: "origin.bytesSent", value: whole },
  usrName: { path: "origin.user" },
  domain: { path: "origin.domain" },
  dst: { path: "target.ip" },
  dstPort: { path: "target.port", value: whole },
  dstMAC: { path: "target.mac" },
  dstBytes: { path: "target.bytesSent", value: whole },
  url: { path: "target.url" },
};

const CACHE_SIZE = 64;
const format = compileFormat("RFC3339Nano");

/** Reads `devTime` by the Java pattern in `devTimeFormat`, or without one by the forms that LEEF names. */
function compileTime(
  zone: ZoneOffset,
): (attributes: ReadonlyMap<string, string>, near: number) => string | undefined {
  const parsers = new Map<string, ParseTime | undefined>();
  return (attributes, near) => {
    const text = attributes.get("devTime");
    if (text === undefined) return undefined;
    const pattern = attributes.get("devTimeFormat");
    if (pattern === undefined) return eventTime(text, near, zone);
    if (!parsers.has(pattern)) {
      if (parsers.size >= CACHE_SIZE) parsers.clear();
      const layout = goLayoutOf(pattern);
      parsers.set(pattern, layout === undefined ? undefined : compileDate(layout));
    }
    const moment = parsers.get(pattern)?.(text, near, zone);
    return moment ? format(moment) : eventTime(text, near, zone);
  };
}

export function compileLeef({ source, map, timezone }: z.infer<typeof leef>): RunStep {
  const path = compileSource(source, ["source"]);
  const timeOf = compileTime(zoneOf(timezone, ["timezone"]));
  const known = compileKnown(map ? knownLeef : {});
  return ({ root }) => {
    const record = parseLeef(readSourceText(root, path));
    if (record === undefined) throw new Error(`"${path.text}" holds no LEEF record.`);
    const { attributes } = record;
    const time = map ? timeOf(attributes, readAt(root)) : undefined;
    if (time !== undefined) root.deviceTime = time;
    const log: JsonObject = logOf(root);
    for (const [key, value] of attributes) {
      if (time !== undefined && (key === "devTime" || key === "devTimeFormat")) continue;
      if (!known.get(key)?.(root, value)) putKey(log, key, value);
    }
    const severity = severityOfScale(attributes.get("sev") ?? "");
    if (map && severity !== undefined) root.severity = severity;
    log.leefVersion = record.version;
    log.deviceVendor = record.vendor;
    log.deviceProduct = record.product;
    log.deviceVersion = record.productVersion;
    log.eventId = record.eventId;
    if (record.repeated.length > 0) {
      const keys = [...new Set(record.repeated)].slice(0, 8).join(", ");
      throw new Error(`Keys that stand twice were kept once: ${keys}.`);
    }
    return undefined;
  };
}
