import { type TargetType, VedetteError } from "@vedette/sdk";
import type { ActionRunRow } from "../../../control/index.ts";

/** How far a run is. `approval`, `queued`, `begun`, `standing` and `lifting` go on; the others have ended. */
export const runStates = [
  ...["approval", "queued", "begun", "standing", "lifting"],
  ...["done", "lifted", "dry", "refused", "denied", "timed_out", "cancelled", "failed", "uncertain"],
] as const;
export type RunState =
  | ("approval" | "queued" | "begun" | "standing" | "lifting")
  | ("done" | "lifted" | "dry" | "refused" | "denied" | "timed_out" | "cancelled" | "failed" | "uncertain");

/** States of what is at the other side now, or may come to be. */
export const openStates = ["approval", "queued", "begun", "standing", "lifting"] as const;

/** Who asks. */
export interface By {
  /** For people. */
  readonly name: string;
  /** Tells callers apart: the id of a key, `rule/…`, `workflow/…`. */
  readonly id: string;
  readonly origin: "person" | "rule" | "workflow";
  /** May do what only administrators may. */
  readonly admin: boolean;
}

export type Tier = "auto" | "one" | "two";

/** What somebody wants done. */
export interface Ask {
  readonly action: string;
  /** Without a type it is an address, or of the only type that the action takes. */
  readonly target: { readonly type?: TargetType | undefined; readonly value: string };
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly reason: string;
  readonly ttlSeconds?: number | undefined;
  readonly dryRun?: boolean | undefined;
  /** The same key is the same run. */
  readonly key?: string | undefined;
  /** Whose alert it is for; the default tenant where left out. */
  readonly tenant?: { readonly id: string; readonly name: string } | undefined;
  /** What it belongs to with others, for the limit of a run. */
  readonly batch?: string | undefined;
  readonly cause?: Readonly<Record<string, string>> | undefined;
  /** Persons who must agree, in place of what the configuration says of rules and workflows. */
  readonly approvals?: Tier | undefined;
  readonly by: By;
}

/** The guard that refuses, as metrics name it, and a sentence. */
export interface Refusal {
  readonly guard:
    | ("kill_switch" | "target" | "never_touch" | "allowed" | "parameters" | "permission" | "standing")
    | ("cap_minute" | "cap_run" | "cap_active" | "cooldown" | "backend" | "unavailable" | "ttl");
  readonly why: string;
}

export type Run = ActionRunRow;

export const refused = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("action.refused", why, { verdict: "drop" }, { cause });
export const unknown = (why: string): VedetteError =>
  new VedetteError("action.unknown", why, { verdict: "drop" });
