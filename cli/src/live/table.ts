import type { Rate } from "./samples.ts";

const units = ["", "k", "M", "G", "T"];

/** A number in four characters or so: 1234567 is `1.23M`. */
export function short(value: number): string {
  let scaled = value;
  let unit = 0;
  for (; Math.abs(scaled) >= 1_000 && unit < units.length - 1; unit++) scaled /= 1_000;
  const digits =
    unit === 0 && Number.isInteger(value) ? 0 : Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)}${units[unit]}`;
}

/** Groups of a table: its title and the metrics it holds, by the end of their names. */
interface Group {
  readonly title: string;
  readonly metrics: readonly string[];
}

const groups: readonly Group[] = [
  { title: "In", metrics: ["lines_total", "read_bytes_total", "events_total", "ingest_events_total"] },
  {
    title: "Dropped and flawed",
    metrics: ["dropped_total", "flawed_lines_total", "input_errors_total", "history_total"],
  },
  {
    title: "Batches",
    metrics: [
      "batches_sealed_total",
      "batch_bytes_total",
      "batches_sent_total",
      "batches_resent_total",
      "batches_acknowledged_total",
      "ingest_batches_total",
      "ingest_retries_total",
    ],
  },
  {
    title: "Queue and lag",
    metrics: ["spool_bytes", "spool_unacknowledged_batches", "lag_seconds", "open_files"],
  },
  { title: "Detection", metrics: ["detect_total", "rule_total", "rules_switched_off", "history_entries"] },
];

const prefix = /^vedette_(agent_)?/;

/** What an operator looks at, a row a series; series that never counted anything are left out. */
export function table(rates: readonly Rate[], width: number): string[] {
  const rows: string[] = [];
  const seen = new Set<Rate>();
  const add = (title: string, members: readonly Rate[]): void => {
    const shown = members.filter((rate) => !seen.has(rate) && (rate.value !== 0 || isQueue(rate)));
    for (const rate of members) seen.add(rate);
    if (shown.length === 0) return;
    rows.push("", `${title.padEnd(44)} ${"a second".padStart(10)} ${"total".padStart(10)}`);
    for (const rate of shown) rows.push(row(rate));
  };
  for (const { title, metrics } of groups)
    add(
      title,
      metrics.flatMap((name) => rates.filter((rate) => rate.name.replace(prefix, "") === name)),
    );
  return rows.map((text) => text.slice(0, Math.max(40, width)));
}

const isQueue = ({ name }: Rate): boolean => /_(spool_|lag_)/.test(name);

function row({ name, labels, value, perSecond }: Rate): string {
  const what = [
    name
      .replace(prefix, "")
      .replace(/_total$/, "")
      .replaceAll("_", " "),
    ...Object.values(labels),
  ].join("  ");
  return `  ${what.slice(0, 42).padEnd(42)} ${(perSecond === undefined ? "" : short(perSecond)).padStart(10)} ${short(value).padStart(10)}`;
}
