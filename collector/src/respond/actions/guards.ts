import type { Actions } from "./guarded/index.ts";
import { type ActionCall, ActionFailure, type ActionInfo } from "./runner.ts";

/** Stands before every call of an action that is not dry. Throws an ActionFailure that says why it refuses. */
export interface Guards {
  check(info: ActionInfo, call: Omit<ActionCall, "signal">): void | Promise<void>;
}

/** Where there is no collector, such as at a command line, what can do harm is done dry only. */
export const criticalRefused: Guards = {
  check({ critical, name }) {
    if (!critical) return;
    throw new ActionFailure(`${name} can do harm, and nothing guards it here: it runs in dry runs only.`);
  },
};

/** What actions of plugins ask for themselves; here the kill switch also holds back what goes past them, such as requests. */
export const killable = (actions: Actions): Guards => ({
  async check(info, call) {
    if (info.guarded) return;
    const { on, by, reason } = await actions.killSwitch();
    if (on) throw new ActionFailure(`The kill switch is on (${by}: ${reason}).`);
    await criticalRefused.check(info, call);
  },
});
