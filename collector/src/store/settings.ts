import type { ClickHouseSettings } from "@clickhouse/client";
import type { StoreTarget } from "./types.ts";

/** Longest time that a change of the schema waits for all nodes of a cluster, in seconds; below a request's own. */
const everyNodeSeconds = 100;
/** Longest time that an insert waits for its quorum, in milliseconds; below a request's own. */
const quorumMs = 60_000;

/** Sent with every statement that changes the schema: it is answered when it is done everywhere, or with what went wrong. */
export const statementSettings = ({ cluster }: Pick<StoreTarget, "cluster">): ClickHouseSettings =>
  cluster === undefined
    ? { wait_end_of_query: 1 }
    : {
        wait_end_of_query: 1,
        distributed_ddl_task_timeout: String(everyNodeSeconds),
        distributed_ddl_output_mode: "throw",
      };

/** Sent with every insert, whatever the server's defaults are. */
export function insertSettings(
  { cluster, quorum = "auto" }: Pick<StoreTarget, "cluster" | "quorum">,
  token: string,
): ClickHouseSettings {
  return {
    // Nothing is acknowledged before it is on disk, and a token drops repeats.
    async_insert: 0,
    wait_end_of_query: 1,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    ...(cluster !== undefined && {
      // The answer comes from the shard, not from a queue of the node that was asked.
      distributed_foreground_insert: 1,
      // One node may die with its disk after the acknowledgement.
      insert_quorum: quorum === "auto" ? "auto" : String(quorum),
      insert_quorum_timeout: quorumMs,
      insert_quorum_parallel: 1,
    }),
  };
}

/** Sent with every query. */
export const querySettings = ({ cluster }: Pick<StoreTarget, "cluster">): ClickHouseSettings => ({
  // Who goes away ends the query on the server too.
  cancel_http_readonly_queries_on_client_close: 1,
  // A join of two tables must see the rows of all shards on both sides.
  ...(cluster !== undefined && { distributed_product_mode: "global" }),
});
