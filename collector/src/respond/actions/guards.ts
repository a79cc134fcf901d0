import { type ActionCall, ActionFailure, type ActionInfo } from "./runner.ts";

/** Stands before every call of an action that is not dry. Throws an ActionFailure that says why it refuses. */
export interface Guards {
  check(info: ActionInfo, call: Omit<ActionCall, "signal">): void | Promise<void>;
}

/** Until there are never-touch lists, caps and undo, what can do harm is done dry only. */
export const criticalRefused: Guards = {
  check({ critical, name }) {
    if (!critical) return;
    throw new ActionFailure(`${name} can do harm, and nothing guards it yet: it runs in dry runs only.`);
  },
};
