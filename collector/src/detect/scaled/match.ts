import type { Alert, Event } from "@vedette/sdk";

/** What one event, or one alert, is to a partition: what it is remembered for and which rules it may trigger. */
export interface Match {
  /** The event, or the alert where rules search in alerts. */
  readonly event: Event | Alert;
  readonly isAlert: boolean;
  /** Signatures of the subscriptions that file it. */
  readonly remember: readonly string[];
  /** Ids of the rules whose condition holds for it, in the order of the rules. */
  readonly ask: readonly string[];
  /** Hashes by which it came to this partition. They find it again when there are more partitions. */
  readonly routes: readonly number[];
}

/** Matches by the partition that owns them, in the order of arrival. */
export type Matches = ReadonlyMap<number, readonly Match[]>;
