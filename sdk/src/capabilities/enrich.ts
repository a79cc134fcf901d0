import type { Deps, Health } from "../deps.ts";

/** Looks up facts about single values; the engine calls it once per distinct value and caches the answer. */
export interface Enricher {
  /** Paths added below the side of the looked-up value, such as `geolocation.country`; undefined when nothing is known. */
  lookup(value: string): Readonly<Record<string, string | number>> | undefined;
  health?(): Health;
  close?(): Promise<void>;
}

export interface EnrichCapability<Settings> {
  /** Which side field is looked up, in `origin` and in `target`. */
  readonly from: "ip" | "host" | "domain" | "user" | "hash";
  /** Paths below the side that an answer may set. A value the producer set itself always wins. */
  readonly to: readonly string[];
  open(settings: Settings, deps: Deps & { readonly stateDir?: string }): Promise<Enricher>;
}
