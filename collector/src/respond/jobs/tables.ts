import type { ControlDatabase } from "../../control/index.ts";
import type { Value } from "../expression/index.ts";

/** Rows of one table that are looked through, newest first. */
const maxRows = 10_000;

/** Tables that all workflows share, such as addresses that were seen. */
export interface GlobalArtifacts {
  rows(artifact: string): Promise<Value[]>;
  /** Adds a row, once for one step of one job, in the transaction that writes the step. */
  append(
    transaction: ControlDatabase,
    row: { readonly artifact: string; readonly job: string; readonly step: string; readonly row: Value },
  ): Promise<void>;
}

export const globalArtifacts = (database: ControlDatabase, clock: { now(): number }): GlobalArtifacts => ({
  async rows(artifact) {
    const rows = await database
      .selectFrom("global_artifacts")
      .select("row")
      .where("artifact", "=", artifact)
      .orderBy("added_at", "desc")
      .limit(maxRows)
      .execute();
    return rows.map(({ row }) => JSON.parse(row) as Value);
  },
  async append(transaction, { artifact, job, step, row }) {
    await transaction
      .insertInto("global_artifacts")
      .values({ artifact, job_id: job, step, row: JSON.stringify(row), added_at: clock.now() })
      .onConflict((conflict) => conflict.columns(["artifact", "job_id", "step"]).doNothing())
      .execute();
  },
});
