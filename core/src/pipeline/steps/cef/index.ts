import { z } from "zod";
import type { JsonObject } from "../../paths/index.ts";
import { timezone } from "../date.ts";
import { compileKnown, eventTime, readAt, severityOfScale } from "../event-format/fields.ts";
import { zoneOf } from "../layout.ts";
import { compileSource, type RunStep, readSourceText } from "../step.ts";
import { where } from "../where.ts";
import { logOf, putKey } from "../write-log.ts";
import { cefTimes, knownCef } from "./known.ts";
import { type Cef, parseCef } from "./parse.ts";

/** Reads an ArcSight CEF record, also behind a syslog header. */
export const cef = z
  .strictObject({
    source: z.string().default("raw").describe("Path of the text."),
    map: z
      .boolean()
      .default(true)
      .describe(
        "Moves well known keys to the event schema: `src`, `spt`, `shost`, `suser` and the like to `origin`, `dst` and the like to `target`, `act` to `action`, `outcome` to `actionResult`, `proto` or else `app` to `protocol`, `request` to `target.url`, `rt`, `end` or `start` to `deviceTime`.",
      ),
    timezone,
    where,
  })
  .describe(
    "Reads an ArcSight CEF record, also behind a syslog header. Its header goes to `log.deviceVendor`, `log.deviceProduct`, `log.deviceVersion`, `log.deviceEventClassId`, `log.name`, `log.severity` and, as a word of the schema, `severity`; its extension under `log.` by its keys, custom fields by their labels (`cs1` with `cs1Label=Policy` becomes `log.Policy`). A key that stands twice is kept once, the first, with an entry in `errors`.",
  );

/** Names of custom fields by their keys: their labels, unless such a name is taken. Keys of labels have none. */
function labelled(extension: ReadonlyMap<string, string>): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  let some = false;
  for (const key of extension.keys()) some ||= key.endsWith("Label");
  if (!some) return names;
  const taken = new Set(extension.keys());
  for (const [key, label] of extension) {
    const field = key.slice(0, -5);
    if (!key.endsWith("Label") || !extension.has(field) || label === "" || taken.has(label)) continue;
    taken.add(label);
    names.set(field, label);
    names.set(key, undefined);
  }
  return names;
}

function writeHeader(record: Cef, root: JsonObject, map: boolean): void {
  const log = logOf(root);
  log.cefVersion = record.version;
  log.deviceVendor = record.vendor;
  log.deviceProduct = record.product;
  log.deviceVersion = record.deviceVersion;
  log.deviceEventClassId = record.eventClass;
  log.name = record.name;
  log.severity = record.severity;
  const severity = severityOfScale(record.severity);
  if (map && severity !== undefined) root.severity = severity;
}

export function compileCef({ source, map, timezone }: z.infer<typeof cef>): RunStep {
  const path = compileSource(source, ["source"]);
  const zone = zoneOf(timezone, ["timezone"]);
  const known = compileKnown(map ? knownCef : {});
  return ({ root }) => {
    const record = parseCef(readSourceText(root, path));
    if (record === undefined) throw new Error(`"${path.text}" holds no CEF record.`);
    const { extension } = record;
    const names = labelled(extension);
    let timeKey: string | undefined;
    for (const key of map ? cefTimes : []) {
      const text = extension.get(key);
      const time = text === undefined ? undefined : eventTime(text, readAt(root), zone);
      if (time === undefined) continue;
      root.deviceTime = time;
      timeKey = key;
      break;
    }
    const log = logOf(root);
    for (const [key, value] of extension) {
      const name = names.has(key) ? names.get(key) : key;
      if (key === timeKey || name === undefined) continue;
      // The transport protocol says more than the application's name.
      const hidden = key === "app" && extension.has("proto");
      if (hidden || !known.get(key)?.(root, value)) putKey(log, name, value);
    }
    writeHeader(record, root, map);
    if (record.repeated.length > 0) {
      const keys = [...new Set(record.repeated)].slice(0, 8).join(", ");
      throw new Error(`Keys that stand twice were kept once: ${keys}.`);
    }
    return undefined;
  };
}
