import type { Batch } from "@vedette/core/batch";
import type { Alert, Event } from "@vedette/sdk";

/** What a partition is told of. */
export type Subject =
  /** A row of a batch, which is read from there for as long as the match is looked at. */
  | { readonly kind: "row"; readonly batch: Batch; readonly row: number }
  /** An event by itself, as earlier versions sent it. */
  | { readonly kind: "event"; readonly event: Event }
  /** An alert, where rules search in alerts. */
  | { readonly kind: "alert"; readonly alert: Alert };

/** What one event, or one alert, is to a partition: what it is remembered for and which rules it may trigger. */
export interface Match {
  readonly subject: Subject;
  /** Signatures of the subscriptions that file it. */
  readonly remember: readonly string[];
  /** Ids of the rules whose condition holds for it, in the order of the rules, and names of what correlations are to be shown. */
  readonly ask: readonly string[];
  /** Hashes by which it came to this partition. They find it again when there are more partitions. */
  readonly routes: readonly number[];
}

/** Matches by the partition that owns them, in the order of arrival. */
export type Matches = ReadonlyMap<number, readonly Match[]>;

/** An event for which a rule with history holds, on its way to the correlations that look at that rule. */
export interface Onward {
  readonly rule: string;
  readonly event: Event;
}
