import type { Deps, Health } from "../deps.ts";
import type { Egress } from "../net/index.ts";

/** What an enricher works with. */
export interface EnrichDeps extends Deps {
  readonly stateDir?: string;
  /** The guarded way out; absent where there is none, as in tools. */
  readonly egress?: Egress;
}

/** Looks up facts about single values; the engine calls it once per distinct value and caches the answer. */
export interface Enricher {
  /** Paths added below the side of the looked-up value, such as `geolocation.country`; undefined when nothing is known. */
  lookup(value: string): Readonly<Record<string, string | number>> | undefined;
  /** A number that grows when answers may differ from before: then those that are cached are forgotten. */
  edition?(): number;
  health?(): Health;
  close?(): Promise<void>;
}

export interface EnrichCapability<Settings> {
  /** Which side field is looked up, in `origin` and in `target`. */
  readonly from: "ip" | "host" | "domain" | "user" | "hash";
  /** Paths below the side that an answer may set. A value the producer set itself always wins. */
  readonly to: readonly string[];
  open(settings: Settings, deps: EnrichDeps): Promise<Enricher>;
}
