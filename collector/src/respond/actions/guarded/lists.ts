import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { TargetType } from "@vedette/sdk";
import { type ActionListRow, appendAudit } from "../../../control/index.ts";
import type { ActionLedger, LedgerDeps } from "./ledger.ts";
import { openStates, refused, unknown } from "./types.ts";

export const listNames = ["never-touch", "allow"] as const;
export type ListName = (typeof listNames)[number];

/** A new entry of a list. `endsAt` in milliseconds since 1970; null for one without an end. */
export interface NewEntry {
  readonly list: ListName;
  readonly entry: string;
  readonly reason: string;
  readonly endsAt: number | null;
  readonly by: string;
}

const mostEntries = 10_000;

/** The never-touch list and the allow list as people keep them. */
export class ActionLists {
  readonly #deps: LedgerDeps & { readonly ledger: ActionLedger };
  #swept = "";

  constructor(deps: LedgerDeps & { readonly ledger: ActionLedger }) {
    this.#deps = deps;
  }

  async entries(): Promise<ActionListRow[]> {
    const { database, clock } = this.#deps;
    return database
      .selectFrom("action_lists")
      .selectAll()
      .where((each) => each.or([each("ends_at", "is", null), each("ends_at", ">", clock.now())]))
      .orderBy("created_at")
      .execute();
  }

  /** Adds an entry, and lifts the containments that it speaks of. Gives its id and theirs. */
  async add(given: NewEntry): Promise<{ readonly id: string; readonly lifted: readonly string[] }> {
    const id = randomUUID();
    await this.#deps.ledger.turn(async (transaction, now) => {
      const { count } = await transaction
        .selectFrom("action_lists")
        .select((each) => each.fn.countAll().as("count"))
        .executeTakeFirstOrThrow();
      if (Number(count) >= mostEntries) throw refused(`The lists have at most ${mostEntries} entries.`);
      const { list, entry, reason, endsAt, by } = given;
      const row = { id, list, entry, reason, author: by, created_at: now, ends_at: endsAt };
      await transaction.insertInto("action_lists").values(row).execute();
      await this.#deps.protection.changed(transaction, now);
      const detail = { entry, reason, endsAt };
      await appendAudit(
        transaction,
        { author: by, action: `actions.${list}.add`, subject: entry, detail },
        now,
      );
    });
    return { id, lifted: await this.sweep() };
  }

  async remove(id: string, by: string): Promise<void> {
    await this.#deps.ledger.turn(async (transaction, now) => {
      const row = await transaction
        .selectFrom("action_lists")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      if (!row) throw unknown("There is no such entry.");
      await transaction.deleteFrom("action_lists").where("id", "=", id).execute();
      await this.#deps.protection.changed(transaction, now);
      const entry = { author: by, action: `actions.${row.list}.remove`, subject: row.entry };
      await appendAudit(transaction, { ...entry, detail: { reason: row.reason } }, now);
    });
  }

  /** Lifts what stands, or is on its way, on targets that may not be touched by now. Gives the ids of the runs. */
  async sweep(): Promise<string[]> {
    const { database, protection, ledger } = this.#deps;
    await protection.refresh();
    const { never, allow, version } = await protection.lists(database);
    // Every run was looked at when it began; only other lists say something new.
    if (version === this.#swept) return [];
    const open = await database
      .selectFrom("action_runs")
      .select(["id", "target_type", "target", "lift_by"])
      .where("state", "in", openStates)
      .where("containment", "=", 1)
      .execute();
    const lifted: string[] = [];
    for (const [index, { id, target_type, target, lift_by }] of open.entries()) {
      if (index % 100 === 99) await setImmediate();
      if (lift_by !== null) continue;
      const about = { type: target_type as TargetType, value: target };
      const why = never.refusal(about) ?? allow.touches(about);
      if (why === undefined) continue;
      try {
        await ledger.lift(id, { by: "vedette", id: "vedette", person: false, reason: why });
        lifted.push(id);
      } catch (error) {
        // It came to its end meanwhile.
        if ((error as { code?: unknown }).code !== "action.refused") throw error;
      }
    }
    this.#swept = version;
    return lifted;
  }
}
