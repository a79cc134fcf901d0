import type { Deps, Egress } from "@vedette/sdk";
import type { Assets } from "../assets/index.ts";
import type { ConnectionLease } from "../connections/index.ts";
import type { ControlDatabase } from "../control/index.ts";
import type { Blocking } from "./blocking.ts";
import type { Role } from "./component.ts";
import type { Emitter } from "./emitter.ts";

/** What the parts of the plugin host share. */
export interface HostDeps extends Deps {
  readonly database: ControlDatabase;
  readonly emitter: Emitter;
  readonly assets: Assets;
  readonly egress: Egress;
  readonly blocking: Blocking;
  /** Lends connections to one call; `by` is what people read while one is in use. */
  readonly lease: (by: string) => ConnectionLease;
  /** Longest time of one call, in milliseconds. */
  readonly deadlineMs: Readonly<Record<Role, number>>;
  /** Shortest time between two calls of a loop. */
  readonly leastSeconds: number;
}

export const deadlines: Readonly<Record<Role, number>> = {
  ...{ health: 10_000, collect: 120_000, periodic: 120_000, assets: 300_000 },
  ...{ export: 10_000, analyze: 10_000, correlate: 30_000, notify: 30_000, action: 30_000 },
};
