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

/** Turns what the client threw into `store.unavailable` (retry) or `store.rejected` (drop), with the cause kept. */
export function storeError(error: unknown, doing: string): VedetteError {
  const sentence = messageOf(error).slice(0, LONGEST);
  if (error instanceof ClickHouseError) {
    const code = Number(error.code);
    const passes = passing.has(code) && !OWN_FAULT.test(error.message);
    const text = `${doing}: ClickHouse says ${sentence} (${code}${error.type ? ` ${error.type}` : ""})`;
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
