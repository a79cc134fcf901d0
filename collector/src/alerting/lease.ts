import { randomUUID } from "node:crypto";
import type { Clock } from "@vedette/sdk";
import type { ControlDatabase } from "../control/index.ts";

/** How long a collector that fell silent keeps others from its work. */
export const leaseMs = 15_000;

/**
 * Work that one collector at a time does, of all that share a control database. Whoever holds the lease also keeps how far the
 * work is; what somebody writes whose lease is gone is refused.
 */
export class Lease {
  readonly #database: ControlDatabase;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #holder = randomUUID();

  constructor(database: ControlDatabase, name: string, clock: Clock) {
    this.#database = database;
    this.#name = name;
    this.#clock = clock;
  }

  /** Takes or prolongs it; gives how far the work is, or undefined while another collector has it. */
  async take(): Promise<{ readonly place: string } | undefined> {
    const now = this.#clock.now();
    const [name, holder, until] = [this.#name, this.#holder, now + leaseMs];
    await this.#database
      .insertInto("leases")
      .values({ name, holder, until, place: "" })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    await this.#database
      .updateTable("leases")
      .set({ holder, until })
      .where("name", "=", name)
      .where((of) => of.or([of("holder", "=", holder), of("until", "<", now)]))
      .execute();
    const row = await this.#database
      .selectFrom("leases")
      .select(["holder", "place"])
      .where("name", "=", name)
      .executeTakeFirst();
    return row?.holder === holder ? { place: row.place } : undefined;
  }

  /** Keeps how far the work is; false where somebody else has it by now. */
  async advance(place: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable("leases")
      .set({ place })
      .where("name", "=", this.#name)
      .where("holder", "=", this.#holder)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Lets another one have it at once. */
  async leave(): Promise<void> {
    await this.#database
      .updateTable("leases")
      .set({ until: 0 })
      .where("name", "=", this.#name)
      .where("holder", "=", this.#holder)
      .execute();
  }
}
