import { plain } from "../live/plain.ts";
import { columns, type Row } from "./api.ts";

const named = (of: unknown): string =>
  (Array.isArray(of) ? (of as { id?: string; name?: string }[]) : [])
    .map(({ id, name }) => [id, name].filter(Boolean).map(plain).join(" "))
    .join(", ");
const texts = (of: unknown): string => (Array.isArray(of) ? of.map(plain).join(", ") : "");

/** One line of a list. */
export const lineOf = (row: Row): string[] => [
  plain(row["@timestamp"] ?? row.lastAt),
  plain(row.severity),
  plain(row.verdict) || plain(row.status),
  plain(row.assignee) || "-",
  plain(row.id),
  plain(row.title ?? row.name),
  texts(row.entities),
];

/** What is known of an alert or an incident, for people. */
export function detailsOf(row: Row, history: readonly Row[]): string {
  const attack = row.attack as { tactics?: unknown; techniques?: unknown } | undefined;
  const facts: [string, string][] = [
    ["id", plain(row.id)],
    ["status", [plain(row.status), plain(row.verdict)].filter(Boolean).join(", ")],
    ["assignee", plain(row.assignee)],
    ["version", plain(row.version)],
    ["severity", plain(row.severity)],
    ["rule", [plain(row.ruleId), texts(row.rules)].filter(Boolean).join(", ")],
    ["about", texts(row.entities)],
    ["source", [plain(row.dataType), plain(row.dataSource), texts(row.sources)].filter(Boolean).join(" ")],
    ["raised", plain(row["@timestamp"] ?? row.firstAt)],
    ["last", plain(row.lastAt)],
    ["alerts", plain(row.alerts)],
    ["incident", plain(row.incidentId)],
    ["tactics", named(attack?.tactics)],
    ["techniques", named(attack?.techniques)],
    ["hidden", [plain(row.hidden), plain(row.hiddenBy)].filter(Boolean).join(" by ")],
  ];
  const events = (Array.isArray(row.events) ? (row.events as Row[]) : []).slice(-10);
  return [
    `${plain(row.title ?? row.name)}\n`,
    row.description === undefined ? "" : `${plain(row.description)}\n`,
    columns(facts.filter(([, value]) => value !== "")),
    events.length === 0 ? "" : `\nEvents, the last ${events.length}:\n`,
    columns(events.map((event) => [plain(event["@timestamp"]), plain(event.raw)])),
    history.length === 0 ? "" : "\nHistory, the latest first:\n",
    columns(history.map(historyLine)),
  ].join("");
}

function historyLine(entry: Row): string[] {
  const changes = Object.entries((entry.changes ?? {}) as Record<string, { from: string; to: string }>).map(
    ([field, { from, to }]) => `${field}: ${plain(from) || "-"} → ${plain(to) || "-"}`,
  );
  const said = plain(entry.comment);
  return [
    plain(entry.at),
    plain(entry.author),
    [...changes, ...(said === "" ? [] : [`"${said}"`])].join(", "),
  ];
}
