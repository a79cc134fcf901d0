import type { Figures } from "./figures.ts";
import type { Plan, Tier } from "./model.ts";

/** A plan as a page of text. */
export function reportOf(plan: Plan, figures: Figures): string {
  const { question, batches, agent, brokers, collectors, store } = plan;
  const facts: [string, string][] = [
    ["Events", `${count(plan.events)} a second, ${size(plan.rawBytes)}/s of lines`],
    [
      "Batches",
      `${count(batches.perSecond)} a second of ${count(batches.rows)} events, ${size(batches.bytes)} each`,
    ],
    [
      "An agent",
      `${percent(agent.cores)} of a core, ${agent.memoryMiB} MiB, ${size(agent.bytesOut)}/s sent; its spool holds ${hours(agent.spoolHours)}`,
    ],
    ["Delay", `${plan.delaySeconds.toFixed(0)} s at most until an event can be asked for`],
  ];
  const rows: [string, string, string, string, string][] = [
    ["", "machines", "cores in use", "network in / out", "disk"],
    ...(brokers ? [machines("Kafka", brokers, question.brokerCores, size(brokers.diskBytes))] : []),
    machines("collectors", collectors, question.collectorCores, "-"),
    machines("ClickHouse", store, question.storeCores, size(store.diskBytes)),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("   ")
      .trimEnd(),
  );
  const notes = [
    ...(brokers
      ? [
          `Kafka: ${brokers.partitions} partitions, ${question.brokerReplicas} copies, ${question.brokerHours} h kept.`,
        ]
      : []),
    `Collectors: ${collectors.processes} processes of about ${collectors.memoryMiB} MiB; set by ${collectors.bound}.`,
    `ClickHouse: ${store.shards} shards of ${question.storeReplicas} replicas, ${count(store.insertsPerSecond)} inserts a second, ${question.retentionDays} days; set by ${store.bound}.`,
    `A backlog is worked off at ${plan.catchUp.toFixed(1)} times the usual rate.`,
  ];
  return [
    ...facts.map(([name, said]) => `${name.padEnd(9)} ${said}`),
    "",
    ...table,
    "",
    ...notes,
    ...(plan.advice.length > 0 ? ["", ...plan.advice.map((each) => `! ${each}`)] : []),
    "",
    `Planned from ${figures.measured}; a core taken as ${question.speed} of those, loaded to ${percent(question.load)}.`,
    "",
  ].join("\n");
}

const machines = (
  name: string,
  tier: Tier,
  cores: number,
  disk: string,
): [string, string, string, string, string] => [
  name,
  `${count(tier.machines)} of ${cores} cores`,
  tier.cores.toFixed(1),
  `${size(tier.bytesIn)}/s / ${size(tier.bytesOut)}/s`,
  disk,
];

const count = (value: number): string =>
  value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");

const percent = (part: number): string =>
  `${part < 0.1 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;

const hours = (value: number): string =>
  value < 2 ? `${Math.round(value * 60)} minutes` : `${Math.round(value)} hours`;

const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

function size(bytes: number): string {
  let at = 0;
  let value = bytes;
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000;
    at++;
  }
  return `${value < 10 && at > 0 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}
