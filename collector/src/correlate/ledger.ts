import type { Alert } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import { type AlertTemplate, alertTime, stableId, valuesKey } from "./alert.ts";

/** Within this time an alert with equal `deduplicateBy` values is a repeat: 7 days, as in the EventProcessor. */
export const repeatWindowMs = 7 * 86_400_000;

interface First {
  readonly id: string;
  readonly time: number;
}

/** Remembers raised alerts, bounded: what is a repeat, and under which alert another one belongs. */
export class AlertLedger {
  readonly #ids: Lru<string, true>;
  readonly #firsts: Lru<string, First>;
  readonly #parents: Lru<string, string>;
  readonly stats = { repeats: 0, known: 0, children: 0 };

  constructor(limit: number) {
    this.#ids = new Lru(limit);
    this.#firsts = new Lru(limit);
    this.#parents = new Lru(limit);
  }

  get size(): number {
    return this.#ids.size + this.#firsts.size + this.#parents.size;
  }

  /** Gives the alert its id and place, or undefined where it repeats an earlier one. */
  admit(rule: AlertTemplate, draft: Omit<Alert, "id">): Alert | undefined {
    const eventId = draft.lastEvent?.id ?? "";
    const paths = rule.deduplicateBy.length > 0 ? rule.deduplicateBy : rule.groupBy;
    const values = paths.length > 0 ? valuesKey(draft, paths) : undefined;
    const id = stableId(rule.id, values ?? "", eventId);
    if (this.#ids.get(id)) {
      this.stats.known++;
      return undefined;
    }
    const alert: Alert = { id, ...draft };
    if (values !== undefined) {
      const key = `${rule.id}\n${values}`;
      if (rule.deduplicateBy.length > 0) {
        const first = this.#firsts.get(key);
        if (first && Math.abs(alertTime(draft) - first.time) < repeatWindowMs) {
          this.stats.repeats++;
          return undefined;
        }
        this.#firsts.set(key, { id, time: alertTime(draft) });
      } else this.#group(key, alert);
    }
    this.#ids.set(id, true);
    return alert;
  }

  #group(key: string, alert: Alert): void {
    const parent = this.#parents.get(key);
    if (parent === undefined) {
      this.#parents.set(key, alert.id!);
      return;
    }
    this.stats.children++;
    alert.parentId = parent;
  }

  /** Takes in an alert that was raised earlier; call in the order they were raised. */
  restore(alert: Alert): void {
    if (!alert.id || !alert.ruleId) return;
    this.#ids.set(alert.id, true);
    const values = (paths: readonly string[] | undefined): string | undefined =>
      paths && paths.length > 0 ? valuesKey(alert, paths) : undefined;
    const repeats = values(alert.deduplicateBy);
    if (repeats !== undefined) {
      const key = `${alert.ruleId}\n${repeats}`;
      const time = alertTime(alert);
      const first = this.#firsts.peek(key);
      if (!first || Math.abs(time - first.time) >= repeatWindowMs)
        this.#firsts.set(key, { id: alert.id, time });
    }
    const groups = values(alert.groupBy);
    if (groups !== undefined && !alert.parentId && alert.status !== "closed") {
      const key = `${alert.ruleId}\n${groups}`;
      if (this.#parents.peek(key) === undefined) this.#parents.set(key, alert.id);
    }
  }

  /** A closed alert takes no more children: the next one like it stands on its own. */
  close(alertId: string): void {
    const key = this.#parents.keyOf(alertId);
    if (key !== undefined) this.#parents.delete(key);
  }
}
