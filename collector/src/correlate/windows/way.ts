import type { Doc } from "@vedette/core/pipeline";
import type { Alert, Event } from "@vedette/sdk";
import type { EventRef } from "../bodies.ts";

/** An event for which a rule held. */
export interface Hit {
  readonly doc: Doc;
  readonly id: string;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  event(): Event;
  ref(): EventRef;
}

/** One event on its way through correlations. */
export interface Way {
  readonly hit: Hit;
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
