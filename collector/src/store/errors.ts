import { ClickHouseError } from "@clickhouse/client";
import { messageOf, VedetteError } from "@vedette/sdk";

/**
 * Error codes after which the same statement may succeed later, as ClickHouse names them: timeouts, memory, disk space,
 * too many parts or queries, a read-only or starting table, and lost connections behind the server.
 */
const passing: ReadonlySet<number> = new Set([
  3, 159, 160, 164, 198, 202, 209, 210, 225, 236, 241, 242, 243, 252, 254, 279, 285, 286, 289, 290, 305, 319,
  394, 425, 439, 473, 517, 516, 594, 735, 745, 999, 1000, 1002,
]);

/**
 * The same codes where trying again cannot help: a batch over more partitions than one insert may touch (252, like too
 * many parts), and a statement that needs more memory than one may have (241, like a server that is short of it).
 */
const OWN_FAULT = /for single INSERT block|^Query memory limit exceeded/i;
const LONGEST = 500;

/** What helps against errors that configuration causes, by ClickHouse's code. */
const cures: Readonly<Record<number, string>> = {
  193: "Correct collector.store.user and collector.store.password.",
  194: "Give collector.store.password.",
  478: "Name a policy of the server's storage_configuration as collector.store.storagePolicy.",
  497: "`vedette store ddl --user NAME` prints what the user needs.",
  516: "Correct collector.store.user and collector.store.password.",
  701: "Name a cluster of the server's remote_servers as collector.store.cluster.",
};
const curesByText: readonly (readonly [RegExp, string])[] = [
  [/No macro/, "Every node of the cluster needs the macros shard and replica."],
  [
    /(No such volume|volume .* not found|contains no volume)/i,
    "Name a volume of that policy as collector.store.moveTo.volume.",
  ],
  [
    /shall contain volumes of the old storage policy/,
    "A table keeps what it has: give the policy of collector.store.storagePolicy a volume with the name and the disks of the old one.",
  ],
  [/without ZooKeeper/, "A cluster needs ClickHouse Keeper or ZooKeeper."],
];
const cureOf = (code: number, text: string): string => {
  const cure = cures[code] ?? curesByText.find(([pattern]) => pattern.test(text))?.[1];
  return cure === undefined ? "" : ` ${cure}`;
};

/** Turns what the client threw into `store.unavailable` (retry) or `store.rejected` (drop), with the cause kept. */
export function storeError(error: unknown, doing: string): VedetteError {
  const sentence = messageOf(error).slice(0, LONGEST);
  if (error instanceof ClickHouseError) {
    const code = Number(error.code);
    const passes = passing.has(code) && !OWN_FAULT.test(error.message);
    const text = `${doing}: ClickHouse says ${sentence.replace(/\.$/, "")} (${code}${error.type ? ` ${error.type}` : ""}).${cureOf(code, sentence)}`;
    return passes
      ? new VedetteError("store.unavailable", text, { verdict: "retry" }, { cause: error })
      : new VedetteError("store.rejected", text, { verdict: "drop" }, { cause: error });
  }
  return new VedetteError(
    "store.unavailable",
    `${doing}: ${sentence}`,
    { verdict: "retry" },
    { cause: error },
  );
}
