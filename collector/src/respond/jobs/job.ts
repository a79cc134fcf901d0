import type { Clock } from "@vedette/sdk";
import type { ActionRunner, Guards } from "../actions/index.ts";
import type { Value } from "../expression/index.ts";
import type { TellOfQuestion } from "../notify/index.ts";
import type { Scope, Step, Target, Workflow } from "../workflow/index.ts";
import type { Journal, Written } from "./journal.ts";
import type { GlobalArtifacts } from "./tables.ts";
import type { Values } from "./values.ts";

export interface RunDeps {
  readonly journal: Journal;
  readonly actions: ActionRunner;
  readonly guards: Guards;
  readonly artifacts: GlobalArtifacts;
  /** Tells people of a question; without it they look for it themselves. */
  readonly tell?: TellOfQuestion | undefined;
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of waits. */
  readonly random: () => number;
  /** Aborts when the job is cancelled or the collector ends. */
  readonly signal: AbortSignal;
}

/** What a run is of. */
export interface RunSubject {
  readonly id: string;
  readonly workflow: Workflow;
  /** The workflows that it runs, by their ids. */
  readonly others: ReadonlyMap<string, Workflow>;
  readonly input: Value;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly dry: boolean;
  readonly createdAt: number;
  readonly deadlineAt: number;
  /** What started it, by its lasting name: a rule where an alert did. Part of the key of what it does. */
  readonly cause: string;
  /** Done by a person once more: what a window would have held back is done. */
  readonly forced: boolean;
}

/** Where a step leads. */
export type Followed =
  | { readonly to: Target }
  /** The scope ends, as done: a filter said so. */
  | { readonly ends: "scope" | "loop" };

/** What running one step needs. */
export interface StepRun {
  readonly step: Step;
  /** Where in the job it is. */
  readonly key: string;
  readonly values: Values;
  readonly workflow: Workflow;
}

/** A job under way, as its steps see it. */
export interface Job {
  readonly deps: RunDeps;
  readonly subject: RunSubject;
  /** Runs the steps of a scope one after another. Says whether a `break` ended it. */
  scope(scope: Scope, prefix: string, values: Values, workflow: Workflow): Promise<"end" | "break">;
  /** Runs another workflow as a step of this job. Gives the outputs of its steps. */
  other(id: string, input: Value, prefix: string): Promise<Record<string, Value>>;
  /** Writes a step that is done, once, and tells its outputs to those that follow. */
  done(
    run: StepRun,
    written: Omit<Written, "key" | "kind">,
    to: Target,
    also?: Parameters<Journal["write"]>[1],
  ): Promise<Followed>;
}
