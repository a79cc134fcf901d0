import type { Entry } from "./export-reader.ts";
import type { Settings } from "./settings.ts";

/** The first value of a field. */
export function first({ fields }: Entry, name: string): string | undefined {
  const value = fields.get(name);
  return typeof value === "string" ? value : value?.[0];
}

/** The text of a log made of an entry. */
export function textOf(entry: Entry, format: Settings["format"]): string {
  if (format === "message") return first(entry, "MESSAGE") ?? "";
  return format === "syslog" ? syslogLine(entry) : json(entry);
}

/** Fields that say where an entry lies, not what happened. */
const places = new Set(["__CURSOR", "__MONOTONIC_TIMESTAMP", "__SEQNUM", "__SEQNUM_ID"]);

/** All fields in the order of their names, so that one entry always gives one text. */
function json({ fields }: Entry): string {
  const names = [...fields.keys()].filter((name) => !places.has(name)).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields.get(name))}`).join(",")}}`;
}

/** The line of a syslog file with RFC 3339 time. What a program says of itself cannot pose as header. */
function syslogLine(entry: Entry): string {
  const time = timeOf(entry) ?? "-";
  const host = headerWord(first(entry, "_HOSTNAME") ?? "-");
  const program = headerWord(first(entry, "SYSLOG_IDENTIFIER") ?? first(entry, "_COMM") ?? "unknown");
  const pid = first(entry, "SYSLOG_PID") ?? first(entry, "_PID");
  const tag = pid !== undefined && /^\d{1,10}$/.test(pid) ? `${program}[${pid}]` : program;
  return `${time} ${host} ${tag}: ${first(entry, "MESSAGE") ?? ""}`;
}

const headerWord = (text: string): string => text.slice(0, 255).replace(/[^\w.@/()+-]/g, "_") || "_";

/** When the entry was received, RFC 3339 with microseconds. */
export function timeOf(entry: Entry): string | undefined {
  const text = first(entry, "__REALTIME_TIMESTAMP");
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const us = Number(text);
  const fraction = String(us % 1_000_000).padStart(6, "0");
  return `${new Date(Math.floor(us / 1_000)).toISOString().slice(0, 19)}.${fraction}+00:00`;
}

const facts: Readonly<Record<string, string>> = {
  SYSLOG_IDENTIFIER: "identifier",
  _SYSTEMD_UNIT: "unit",
  _PID: "pid",
  _UID: "uid",
  _EXE: "exe",
  PRIORITY: "priority",
  _TRANSPORT: "transport",
};

/** What the journal itself vouches for, beside the text. */
export function factsOf(entry: Entry): Readonly<Record<string, string>> {
  const known: Record<string, string> = {};
  for (const [field, name] of Object.entries(facts)) {
    const value = first(entry, field);
    if (value !== undefined && value.length <= 1_024) known[name] = value;
  }
  const time = timeOf(entry);
  if (time !== undefined) known["time"] = time;
  return known;
}
