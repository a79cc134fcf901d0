import type { Clock } from "@vedette/sdk";
import type { AlertingConfig } from "../../config/index.ts";
import type { ControlDatabase } from "../../control/index.ts";
import type { Cases } from "../cases.ts";
import type { AlertKeeper } from "../keeper.ts";
import type { Heard, SourceListener } from "./listener.ts";
import { compileLimit, firstHeard, heard, type Rhythm } from "./rhythm.ts";
import { silentAlert } from "./silent-alert.ts";

interface Options {
  readonly database: ControlDatabase;
  readonly listener: SourceListener;
  readonly keeper: AlertKeeper;
  readonly cases: Cases;
  readonly config: AlertingConfig["silentSources"];
  readonly clock: Clock;
}

/** A source as it is stored. */
export interface Source extends Rhythm {
  readonly tenantId: string;
  readonly dataType: string;
  readonly dataSource: string;
  /** The alert that says it is silent; empty while it is heard. */
  readonly alertId: string;
}

/** Sources written in one transaction. */
const most = 1_000;

/** Learns how often sources are heard, and says when one is not: in the control database, so that all collectors' ears count. */
export class SourceWatch {
  readonly #options: Options;
  readonly #limitOf: ReturnType<typeof compileLimit>;

  constructor(options: Options) {
    this.#options = options;
    this.#limitOf = compileLimit(options.config);
  }

  /** Keeps what this collector heard. On failure it is kept with what comes next. */
  async write(): Promise<void> {
    const { listener } = this.#options;
    for (;;) {
      const news = listener.take(most);
      if (news.length === 0) return;
      try {
        await this.#merge(news);
      } catch (error) {
        listener.putBack(news);
        throw error;
      }
      if (news.length < most) return;
    }
  }

  async #merge(news: readonly Heard[]): Promise<void> {
    const falseAlarms = new Set<string>();
    await this.#options.database.transaction().execute(async (transaction) => {
      for (const each of news) {
        const before = await find(transaction, each);
        if (before?.alertId && (await this.#wasFalse(transaction, before.alertId)))
          falseAlarms.add(before.alertId);
        const rhythm = before
          ? heard(before, each, this.#wasSilence(before, each, falseAlarms))
          : firstHeard(each.from);
        await write(transaction, {
          ...each,
          ...rhythm,
          lastAt: Math.max(rhythm.lastAt, each.to),
          alertId: before?.alertId ?? "",
        });
      }
    });
  }

  #wasSilence(before: Source, { from }: Heard, falseAlarms: ReadonlySet<string>): boolean {
    if (falseAlarms.has(before.alertId)) return false;
    const limit = this.#limitOf(before, before);
    return limit !== undefined && from - before.lastAt > limit;
  }

  async #wasFalse(from: ControlDatabase, alertId: string): Promise<boolean> {
    const row = await from
      .selectFrom("cases")
      .select("verdict")
      .where("kind", "=", "alert")
      .where("id", "=", alertId)
      .executeTakeFirst();
    return row?.verdict === "false_positive";
  }

  /**
   * Raises an alert for every source that is silent by now, and closes those of sources that are heard again. Nobody is called
   * silent for the time before `since` (milliseconds since 1970), when nobody listened.
   */
  async check(
    since: number,
    signal?: AbortSignal,
  ): Promise<{ readonly silent: number; readonly back: number }> {
    const { database, clock, keeper, cases, config } = this.#options;
    await makeRoom(database, config.maxSources);
    const now = clock.now();
    let [silent, back] = [0, 0];
    for (const source of await list(database)) {
      const limit = this.#limitOf(source, source);
      if (limit === undefined) continue;
      const isSilent = now - Math.max(source.lastAt, since) > limit;
      if (isSilent && source.alertId === "") {
        const alert = silentAlert(source, source.lastAt, now, limit);
        await keeper.keep([alert], `silent:${alert.id}`, signal);
        await setAlert(database, source, alert.id!);
        silent++;
      } else if (source.alertId !== "" && now - source.lastAt <= limit) {
        await this.#recover(cases, source);
        await setAlert(database, source, "");
        back++;
      }
    }
    return { silent, back };
  }

  async #recover(cases: Cases, { alertId }: Source): Promise<void> {
    const { status } = await cases.state("alert", alertId);
    if (status === "closed") return;
    const comment = "The source is heard again.";
    await cases.change("alert", alertId, { status: "closed", verdict: "recovered", comment }, "vedette");
  }
}

/** All sources, those first that were heard longest ago. */
export async function list(database: ControlDatabase): Promise<Source[]> {
  const rows = await database.selectFrom("sources").selectAll().orderBy("last_at").execute();
  return rows.map(sourceOf);
}

async function find(
  from: ControlDatabase,
  { tenantId, dataType, dataSource }: Heard,
): Promise<Source | undefined> {
  const row = await from
    .selectFrom("sources")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("data_type", "=", dataType)
    .where("data_source", "=", dataSource)
    .executeTakeFirst();
  return row && sourceOf(row);
}

async function write(transaction: ControlDatabase, source: Source): Promise<void> {
  const columns = {
    ...{ first_at: source.firstAt, last_at: source.lastAt, span: source.span, alert_id: source.alertId },
    ...{ pause_now: source.pauseNow, pause_before: source.pauseBefore },
  };
  await transaction
    .insertInto("sources")
    .values({
      tenant_id: source.tenantId,
      data_type: source.dataType,
      data_source: source.dataSource,
      ...columns,
    })
    .onConflict((conflict) =>
      conflict.columns(["tenant_id", "data_type", "data_source"]).doUpdateSet(columns),
    )
    .execute();
}

async function setAlert(database: ControlDatabase, source: Source, alertId: string): Promise<void> {
  await database
    .updateTable("sources")
    .set({ alert_id: alertId })
    .where("tenant_id", "=", source.tenantId)
    .where("data_type", "=", source.dataType)
    .where("data_source", "=", source.dataSource)
    .execute();
}

/** Of too many sources the longest unheard leave. */
async function makeRoom(database: ControlDatabase, limit: number): Promise<void> {
  const oldestKept = await database
    .selectFrom("sources")
    .select("last_at")
    .orderBy("last_at", "desc")
    .offset(limit)
    .limit(1)
    .executeTakeFirst();
  if (oldestKept) await database.deleteFrom("sources").where("last_at", "<=", oldestKept.last_at).execute();
}

const sourceOf = (row: {
  readonly tenant_id: string;
  readonly data_type: string;
  readonly data_source: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly pause_now: number;
  readonly pause_before: number;
  readonly span: number;
  readonly alert_id: string;
}): Source => ({
  tenantId: row.tenant_id,
  ...{ dataType: row.data_type, dataSource: row.data_source, alertId: row.alert_id },
  ...{ firstAt: Number(row.first_at), lastAt: Number(row.last_at), span: Number(row.span) },
  ...{ pauseNow: Number(row.pause_now), pauseBefore: Number(row.pause_before) },
});
