import { randomUUID } from "node:crypto";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import type { Counter, Telemetry } from "@vedette/core/telemetry";
import { Outcome } from "@vedette/proto";
import type { Clock, Event, Logger } from "@vedette/sdk";
import { pause } from "../../../bounded/index.ts";
import type { ActionEventRow, ControlDatabase } from "../../../control/index.ts";
import type { Receipt } from "../../../ingest/index.ts";
import { actionDataType } from "../../of-actions.ts";

export interface EventShipperDeps {
  readonly database: ControlDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Whether nobody else can have the database: then what was claimed before is taken over at once. */
  readonly alone: boolean;
  /** Under whose name the batches are stored; one for each collector. */
  readonly agentId: string;
  /** Takes a batch as if an agent had sent it; resolves when it is on disk. */
  readonly accept: (agentId: string, frame: Buffer, signal: AbortSignal) => Promise<Receipt>;
  readonly everyMs?: number;
}

/** What names a batch for good: written before it is sent, so that whoever sends it again sends the same. */
interface Stamp {
  readonly batchId: string;
  readonly agentId: string;
  readonly epoch: number;
  readonly sequence: number;
}

const perBatch = 500;
const batchBytes = 8 * 1_048_576;
/** A collector that has not sent its batch by then is taken for gone. */
const leaseMs = 60_000;
/** So many wait for a store that is away; of more the oldest are left to the audit trail alone. */
const mostWaiting = 100_000;
const lookMs = 10_000;

/**
 * Brings the events of actions from the control database, where they were written together with what they tell, to the store: through
 * the intake, so that rules see them. A batch keeps its name and its events until there is a receipt, so a crash at any point repeats
 * the same batch, which the store knows.
 */
export class EventShipper {
  readonly #deps: EventShipperDeps;
  readonly #owner = randomUUID();
  readonly #epoch: number;
  readonly #ending = new AbortController();
  readonly #events: Counter;
  #sequence = 0;
  #lookAt = 0;
  #running: Promise<void> | undefined;

  constructor(deps: EventShipperDeps) {
    this.#deps = deps;
    this.#epoch = deps.clock.now();
    this.#events = deps.telemetry.counter(
      "vedette_action_events_total",
      "Events of actions by what became of them: stored, or not, because too many waited or the store refused.",
      ["outcome"],
    );
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /** Sends what is there; for tests, and what the loop does. */
  async turn(): Promise<void> {
    const { database, clock } = this.#deps;
    if (clock.now() >= this.#lookAt) {
      this.#lookAt = clock.now() + lookMs;
      await this.#makeRoom();
    }
    for (;;) {
      const rows = (await this.#left()) ?? (await this.#claim());
      if (rows.length === 0) return;
      const { batch } = rows[0]!;
      const stamp = JSON.parse(batch!) as Stamp;
      const { outcome, reason } = await this.#deps.accept(
        stamp.agentId,
        frameOf(stamp, rows),
        this.#ending.signal,
      );
      await database.deleteFrom("action_events").where("batch", "=", batch).execute();
      const stored = outcome !== Outcome.DEAD_LETTERED;
      this.#events.add(rows.length, { outcome: stored ? "stored" : "refused" });
      if (!stored) this.#deps.log.error({ reason }, "The store refused events of actions.");
    }
  }

  async #run(): Promise<void> {
    const { log, database, alone, everyMs = 500 } = this.#deps;
    const { signal } = this.#ending;
    let first = alone;
    while (!signal.aborted) {
      try {
        if (first)
          await database
            .updateTable("action_events")
            .set({ lease_until: 0 })
            .where("batch", "is not", null)
            .execute();
        first = false;
        await this.turn();
      } catch (error) {
        if (!signal.aborted) log.warn({ error }, "Events of actions cannot be stored now, will retry.");
      }
      await pause(everyMs, signal);
    }
  }

  /** A batch that somebody claimed and did not send, claimed anew; undefined where there is none. */
  async #left(): Promise<ActionEventRow[] | undefined> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    const found = await database
      .selectFrom("action_events")
      .select(["batch", "owner", "lease_until"])
      .where("batch", "is not", null)
      .where((of) => of.or([of("lease_until", "<=", now), of("owner", "=", this.#owner)]))
      .orderBy("at")
      .limit(1)
      .executeTakeFirst();
    if (!found) return undefined;
    const { numUpdatedRows } = await database
      .updateTable("action_events")
      .set({ owner: this.#owner, lease_until: now + leaseMs })
      .where("batch", "=", found.batch)
      .where("owner", "=", found.owner)
      .where("lease_until", "=", found.lease_until)
      .executeTakeFirst();
    return numUpdatedRows === 0n ? undefined : this.#of(found.batch!);
  }

  /** Makes a batch of what nobody has claimed, the oldest first. */
  async #claim(): Promise<ActionEventRow[]> {
    const { database, clock, agentId } = this.#deps;
    const rows = await database
      .selectFrom("action_events")
      .select("id")
      .where("batch", "is", null)
      .orderBy("at")
      .limit(perBatch)
      .execute();
    if (rows.length === 0) return [];
    const stamp: Stamp = {
      ...{ batchId: uuidv7(clock.now()), agentId, epoch: this.#epoch, sequence: this.#sequence++ },
    };
    const batch = JSON.stringify(stamp);
    await database
      .updateTable("action_events")
      .set({ batch, owner: this.#owner, lease_until: clock.now() + leaseMs })
      .where("batch", "is", null)
      .where(
        "id",
        "in",
        rows.map(({ id }) => id),
      )
      .execute();
    return this.#of(batch);
  }

  #of(batch: string): Promise<ActionEventRow[]> {
    return this.#deps.database
      .selectFrom("action_events")
      .selectAll()
      .where("batch", "=", batch)
      .orderBy("at")
      .orderBy("id")
      .execute();
  }

  /** Lets the oldest of too many go. */
  async #makeRoom(): Promise<void> {
    const { database, log } = this.#deps;
    const limit = await database
      .selectFrom("action_events")
      .select("at")
      .where("batch", "is", null)
      .orderBy("at", "desc")
      .offset(mostWaiting)
      .limit(1)
      .executeTakeFirst();
    if (!limit) return;
    const { numDeletedRows } = await database
      .deleteFrom("action_events")
      .where("batch", "is", null)
      .where("at", "<=", limit.at)
      .executeTakeFirst();
    this.#events.add(Number(numDeletedRows), { outcome: "dropped" });
    log.error(
      { events: Number(numDeletedRows) },
      "Too many events of actions wait for the store; the oldest are in the audit trail alone.",
    );
  }
}

function frameOf(stamp: Stamp, rows: readonly ActionEventRow[]): Buffer {
  const builder = new BatchBuilder(actionDataType, { rows: perBatch, bytes: batchBytes });
  for (const [index, row] of rows.entries()) {
    const event = { ...(JSON.parse(row.document) as Event), agentId: stamp.agentId };
    builder.append(event, { source: "actions", offset: index, end: index + 1 });
  }
  return builder.seal(stamp).frame;
}
