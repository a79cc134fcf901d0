import { columns, type Page, type Row } from "../alerts/api.ts";
import { plain } from "../live/plain.ts";

const text = (value: unknown): string => plain(String(value ?? ""));
const marked = (row: Row): string => (row["dryRun"] === true ? "dry run" : text(row["state"]));

/** What an action is, in one line. */
export const actionLine = (row: Row): string[] => [
  text(row["id"]),
  (row["targets"] as readonly string[]).join(","),
  [
    ...(row["critical"] === true ? ["critical"] : []),
    ...(row["containment"] === true ? ["lasts"] : []),
    ...(row["dryRun"] === true ? ["dry run"] : []),
    ...(row["unavailable"] === undefined ? [] : ["unavailable"]),
  ].join(",") || "-",
  text((row["title"] as Row | undefined)?.["en"]),
];

/** A run in one line. */
export function runLine(row: Row): string[] {
  const { type, value } = row["target"] as { type: string; value: string };
  const until = row["expiresAt"] ?? row["approvalUntil"];
  return [
    ...[text(row["id"]), marked(row), text(row["action"]), `${type}:${plain(value)}`],
    until === undefined ? "-" : `until ${text(until).slice(0, 19)}Z`,
    ...[text(row["actor"]), text(row["outcome"] === "" ? row["reason"] : row["outcome"])],
  ];
}

/** What became of a run, as a sentence. */
export function runSentence(row: Row): string {
  const { value } = row["target"] as { value: string };
  const head = `${text(row["id"])}: ${text(row["action"])} ${plain(value)}: ${marked(row)}`;
  const until = row["expiresAt"] === undefined ? "" : ` until ${text(row["expiresAt"])}`;
  return `${head}${until}. ${text(row["outcome"])}`.trim();
}

export const print = (row: unknown): void => void process.stdout.write(`${JSON.stringify(row)}\n`);

export function printRows(
  rows: readonly Row[],
  line: (row: Row) => string[],
  none: string,
  json = false,
): void {
  if (json) for (const row of rows) print(row);
  else process.stdout.write(rows.length === 0 ? `${none}\n` : columns(rows.map(line)));
}

export const itemsOf = ({ items }: Page): readonly Row[] => items;

/** A preview of one ask. */
export function previewText(action: string, row: Row): string {
  const { type, value } = row["target"] as { type: string; value: string };
  const refusal = row["refusal"] as { guard: string; why: string } | undefined;
  const history = row["history"] as Record<string, number> | undefined;
  const resolved = row["resolved"] as { host: string; addresses: readonly string[] } | undefined;
  const lines = [
    `${action} on ${type}:${plain(value)}`,
    ...(resolved ? [`  ${plain(resolved.host)} is ${resolved.addresses.join(", ") || "nothing"}.`] : []),
    refusal
      ? `  Refused (${refusal.guard}): ${plain(refusal.why)}`
      : `  Allowed${row["dryRun"] === true ? ", as a dry run: nothing would be done" : ""}.`,
    ...(row["ttlSeconds"] === undefined ? [] : [`  Lasts ${Number(row["ttlSeconds"])} s.`]),
    ...(Number(row["repeats"]) > 0 ? [`  Contained ${Number(row["repeats"])} times before.`] : []),
    ...(Number(row["approvalsNeeded"]) > 0 ? [`  Needs ${Number(row["approvalsNeeded"])} to agree.`] : []),
    ...(history
      ? [
          `  Last ${history["hours"]} h: ${history["events"]} events, ${history["succeeded"]} of them succeeded, ${history["users"]} users, ${history["hosts"]} sources, ${history["alerts"]} alerts.`,
        ]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** A preview of a rule over stored alerts. */
export function rulePreviewText(row: Row): string {
  const targets = row["targets"] as readonly (Row & { refusal?: { guard: string; why: string } })[];
  const lines = targets.map((each) => [
    ...[plain(String(each["target"])), `${Number(each["alerts"])} alerts`, `${Number(each["runs"])} runs`],
    Number(each["falsePositives"]) > 0 ? `${Number(each["falsePositives"])} false positives` : "-",
    each.refusal ? `refused: ${plain(each.refusal.why)}` : "would act",
  ]);
  const more = row["complete"] === true ? "" : " There are more alerts than were looked at.";
  return `${text(row["rule"])} over the last ${Number(row["hours"])} h: ${Number(row["matched"])} of ${Number(row["looked"])} alerts match. It would have acted on ${Number(row["wouldAct"])} targets; guards refuse ${Number(row["refused"])}; ${Number(row["overLimit"])} runs are over the limit of a minute.${more}
${columns(lines)}To let it act: vedette actions arm ${text(row["rule"])} --fingerprint ${text(row["fingerprint"])}
`;
}
