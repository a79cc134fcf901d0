/** What a widget counts: a search in the syntax of the events page, over a time such as `24h`. */
interface Search {
  readonly query: string;
  readonly range: "1h" | "24h" | "7d" | "30d";
}

/** A part of the overview or of a plugin's page, as data only: no code of a plugin runs in a browser. */
export type Widget = {
  /** Unique in the plugin. Its title is the locale's `widget.<id>`. */
  readonly id: string;
  /** Shown where somebody looks into an address or a network, of whose events it then is. Default: on the overview. */
  readonly on?: "address";
} & (
  | ({ readonly kind: "counter" } & Search)
  | ({ readonly kind: "trend" } & Search)
  | ({ readonly kind: "top"; readonly field: string; readonly limit?: number } & Search)
  | ({ readonly kind: "feed"; readonly limit?: number } & Search)
);

/** A page of a plugin. Its title is the locale's `page`. */
export interface PageCapability {
  readonly icon?: string;
  /** Ids of the plugin's widgets, in order. */
  readonly widgets: readonly string[];
}

/** A search that comes with the plugin. Its name is the locale's `view.<id>`. */
export interface DefaultView {
  readonly id: string;
  readonly query: string;
}

/** Two events of the plugin are one where all these paths have the same value within a time: the older is kept. */
export interface DuplicateRule {
  /** Paths of the event schema, at least one. */
  readonly same: readonly [string, ...string[]];
  readonly withinSeconds: number;
  /** Paths at which the kept event gets what it lacks from one that repeats it, where both come in one call. */
  readonly backfill?: readonly string[];
  /** Types of events, with `*` as wildcard. Default: all. */
  readonly eventTypes?: readonly string[];
}
