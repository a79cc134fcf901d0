import type { Value } from "../expression/index.ts";

/** What is known of an action before it is called. */
export interface ActionInfo {
  readonly name: string;
  /** Harm is possible. */
  readonly critical: boolean;
  /** It goes through the guards of actions by itself. */
  readonly guarded?: boolean;
  /** Whether the same call twice, with one key, is one: then a call whose outcome is not known may be repeated. */
  idempotent(input: ActionInput): boolean;
}

export type ActionInput = { readonly [name: string]: Value };

/** One call of an action. */
export interface ActionCall {
  readonly action: string;
  /** Id of the job that calls. */
  readonly job: string;
  /** The same for every try of one step. */
  readonly key: string;
  readonly input: ActionInput;
  readonly target: string | undefined;
  readonly connection: string | undefined;
  /** Whose alert or event the job is for; undefined for the default tenant. */
  readonly tenant?: { readonly id: string; readonly name: string } | undefined;
  /** Why it is done, for the other side's records. */
  readonly reason: string;
  /** Aborts when its time is over or the job is cancelled. */
  readonly signal: AbortSignal;
}

/** A way to call actions. */
export interface ActionRunner {
  find(action: string): ActionInfo | undefined;
  names(): readonly string[];
  /** Throws an ActionFailure. */
  run(call: ActionCall): Promise<ActionInput>;
}

/** An action that failed, and what that means for another try. */
export class ActionFailure extends Error {
  /** Another try may succeed. */
  readonly again: boolean;
  /** Not before so many milliseconds, as the other side asked. */
  readonly afterMs: number | undefined;
  /** `notDone`: nothing was changed. `unknown`: it may have been. */
  readonly fate: "notDone" | "unknown";

  constructor(
    message: string,
    {
      again = false,
      afterMs,
      fate = "notDone",
      cause,
    }: {
      readonly again?: boolean;
      readonly afterMs?: number | undefined;
      readonly fate?: "notDone" | "unknown";
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.name = "ActionFailure";
    this.again = again;
    this.afterMs = afterMs;
    this.fate = fate;
  }
}

/** Asks each runner in turn. */
export function joinRunners(runners: readonly ActionRunner[]): ActionRunner {
  const holder = (action: string): ActionRunner | undefined =>
    runners.find((runner) => runner.find(action) !== undefined);
  return {
    find: (action) => holder(action)?.find(action),
    names: () => runners.flatMap((runner) => runner.names()),
    run: async (call) => {
      const runner = holder(call.action);
      if (!runner) throw new ActionFailure(`There is no action ${JSON.stringify(call.action)}.`);
      return runner.run(call);
    },
  };
}
