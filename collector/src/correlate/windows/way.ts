import type { Doc } from "@vedette/core/pipeline";
import type { Alert, Event } from "@vedette/sdk";
import type { EventRef } from "../bodies.ts";
import type { Columns } from "../columns.ts";
import type { PackedId } from "../event-ids.ts";

/** An event for which a rule held. */
export interface Hit {
  readonly doc: Doc;
  readonly id: string;
  /** Its id as it is remembered; may be void after the next call of anything. */
  key(): PackedId;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  event(): Event;
  ref(): EventRef;
  /** Of a row of a batch: its columns, and which row it is. */
  readonly columns?: Columns | undefined;
  readonly row?: number | undefined;
}

/** One event on its way through correlations. */
export interface Way {
  readonly hit: Hit;
  /** 52 bits of its id; a number of its own where it has none. */
  readonly idHash: number;
  /** Gets what is raised. */
  readonly alerts: Alert[];
  readonly now: number;
  /** When it came, by the collector's clock. */
  readonly arrived: number;
  /** It is of before a restart. */
  readonly rebuild: boolean;
}

/** What a condition holds for. */
export interface Held {
  /** The window, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Events that belong to it, by their number among samples. */
  readonly events: readonly number[];
  /** What its measures are. */
  readonly measured: readonly number[];
}

/** The way of the event that is taken in: one object for all of them. */
export class Taken implements Way {
  hit!: Hit;
  idHash = 0;
  alerts!: Alert[];
  now = 0;
  arrived = 0;
  rebuild = false;
}
