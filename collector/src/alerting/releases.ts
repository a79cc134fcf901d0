import type { Alert } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";

/** Who remembers raised alerts, to tell repeats. */
export interface Rememberer {
  /** An alert that nobody is told of: the next one like it is neither a repeat nor a child of it. */
  release(alert: Alert): void;
  /** An alert that was closed: the next one of its group stands on its own. */
  closeAlert(id: string): void;
}

interface Turn {
  minute: number;
  count: number;
  waiting: Alert | undefined;
}

const mostAMinute = 60;
const maxKeys = 10_000;

/**
 * Tells detection that hidden alerts stand for nothing, so that what is like them but not hidden is raised. Of those that come
 * in a flood not more often than 60 times a minute for the same rule and values: each time costs detection a whole alert.
 */
export class Releases {
  readonly #turns = new Lru<string, Turn>(maxKeys);
  #rememberer: Rememberer | undefined;

  /** From now on. What was hidden before is told of when it comes again. */
  tell(rememberer: Rememberer): void {
    this.#rememberer = rememberer;
  }

  hidden(alert: Alert, now: number): void {
    const { ruleId, tenantId, entities, deduplicateBy = [], groupBy = [] } = alert;
    if (deduplicateBy.length + groupBy.length === 0) return;
    const key = JSON.stringify([ruleId, tenantId, entities]);
    const minute = Math.floor(now / 60_000);
    const known = this.#turns.get(key);
    const turn = known?.minute === minute ? known : { minute, count: 0, waiting: undefined };
    if (turn !== known) this.#turns.set(key, turn);
    turn.count++;
    if (turn.count <= mostAMinute) this.#rememberer?.release(alert);
    else turn.waiting = alert;
  }

  /** Lets those go whose minute is over. Call it every second or so. */
  tick(now: number): void {
    const minute = Math.floor(now / 60_000);
    for (const key of this.#turns.keysWhere((turn) => turn.minute < minute)) {
      const { waiting } = this.#turns.peek(key)!;
      this.#turns.delete(key);
      if (waiting) this.#rememberer?.release(waiting);
    }
  }
}
