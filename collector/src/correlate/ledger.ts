import type { Alert } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import { type AlertTemplate, alertTime, type Identity, stableId } from "./alert.ts";
import { valuesOfAlert } from "./alert-values.ts";

/** Within this time an alert with equal `deduplicateBy` values is a repeat: 7 days, as in the EventProcessor. */
export const repeatWindowMs = 7 * 86_400_000;

/** The identity of an alert: the same rule, values and event always give the same. */
export const alertId = (rule: { readonly id: string }, values: string | undefined, eventId: string): string =>
  stableId(rule.id, values ?? "", eventId);

/** Remembers raised alerts, bounded: what is a repeat, and under which alert another one belongs. */
export class AlertLedger {
  readonly #ids: Lru<string, true>;
  /** The first alert by rule and values: time and id of its event. */
  readonly #firsts: Lru<string, { readonly time: number; readonly eventId: string }>;
  /** Id of the open alert by rule and values. */
  readonly #parents: Lru<string, string>;
  /** The keys of first alerts that were asked for, by the hash of rule and values: a repeat is told without making texts. */
  readonly #told = new Map<number, string>();
  readonly #limit: number;
  readonly stats = { repeats: 0, known: 0, children: 0 };

  constructor(limit: number) {
    this.#limit = limit;
    this.#ids = new Lru(limit);
    this.#firsts = new Lru(limit);
    this.#parents = new Lru(limit);
  }

  get size(): number {
    return this.#ids.size + this.#firsts.size + this.#parents.size;
  }

  /**
   * Whether an alert about to be raised for an event repeats one that `admit` was asked about with the same hash. False where that is
   * not known. By far the most common, so it is told before any text is made.
   */
  repeats(told: number, time: number, event: { readonly id: string }): boolean {
    const key = this.#told.get(told);
    const first = key === undefined ? undefined : this.#firsts.get(key);
    if (first === undefined || Math.abs(time - first.time) >= repeatWindowMs) return false;
    // Another event happened at another time, nearly always.
    if (time === first.time && first.eventId === event.id) this.stats.known++;
    else this.stats.repeats++;
    return true;
  }

  /**
   * The identity of an alert about to be raised for an event, or undefined where it repeats an earlier one.
   * `values` are those of `deduplicateBy` or `groupBy`, `time` is the event's; `told` is a hash of the rule and of `deduplicateBy`,
   * NaN where there is none.
   */
  admit(
    rule: AlertTemplate,
    values: string | undefined,
    eventId: string,
    time: number,
    told = Number.NaN,
  ): Identity | undefined {
    const key = `${rule.id}\n${values}`;
    const deduplicates = values !== undefined && rule.deduplicateBy.length > 0;
    if (deduplicates) {
      if (!Number.isNaN(told)) {
        if (this.#told.size >= this.#limit) this.#told.clear();
        this.#told.set(told, key);
      }
      const first = this.#firsts.get(key);
      if (first !== undefined && Math.abs(time - first.time) < repeatWindowMs) {
        if (first.eventId === eventId) this.stats.known++;
        else this.stats.repeats++;
        return undefined;
      }
    }
    const id = alertId(rule, values, eventId);
    if (this.#ids.get(id)) {
      this.stats.known++;
      return undefined;
    }
    this.#ids.set(id, true);
    if (deduplicates) this.#firsts.set(key, { time, eventId });
    return values === undefined || deduplicates ? { id } : this.#grouped(key, id);
  }

  #grouped(key: string, id: string): Identity {
    const parentId = this.#parents.get(key);
    if (parentId === undefined) {
      this.#parents.set(key, id);
      return { id };
    }
    this.stats.children++;
    return { id, parentId };
  }

  /** Whether an alert of this id was raised. */
  knows(id: string): boolean {
    return this.#ids.get(id) === true;
  }

  /** Notes an alert that is raised without being asked about. */
  note(id: string): void {
    this.#ids.set(id, true);
  }

  /** Takes in an alert that was raised earlier; call in the order they were raised. */
  restore(alert: Alert): void {
    if (!alert.id || !alert.ruleId) return;
    this.#ids.set(alert.id, true);
    if (alert.hidden) return;
    const values = (paths: readonly string[] | undefined): string | undefined =>
      paths && paths.length > 0 ? valuesOfAlert(alert, paths) : undefined;
    const repeats = values(alert.deduplicateBy);
    if (repeats !== undefined) {
      const key = `${alert.ruleId}\n${repeats}`;
      const time = alertTime(alert);
      const first = this.#firsts.peek(key);
      if (first === undefined || Math.abs(time - first.time) >= repeatWindowMs)
        this.#firsts.set(key, { time, eventId: alert.lastEvent?.id ?? "" });
    }
    const groups = values(alert.groupBy);
    if (groups !== undefined && !alert.parentId && alert.status !== "closed") {
      const key = `${alert.ruleId}\n${groups}`;
      if (this.#parents.peek(key) === undefined) this.#parents.set(key, alert.id);
    }
  }

  /** An alert that nobody is told of: the next one like it is neither a repeat nor a child of it. */
  release(alert: Alert): void {
    if (!alert.id || !alert.ruleId) return;
    const values = (paths: readonly string[] | undefined): string | undefined =>
      paths && paths.length > 0 ? valuesOfAlert(alert, paths) : undefined;
    const first = `${alert.ruleId}\n${values(alert.deduplicateBy)}`;
    if (this.#firsts.peek(first)?.eventId === (alert.lastEvent?.id ?? "")) this.#firsts.delete(first);
    const parent = `${alert.ruleId}\n${values(alert.groupBy)}`;
    if (this.#parents.peek(parent) === alert.id) this.#parents.delete(parent);
  }

  /** A closed alert takes no more children: the next one like it stands on its own. */
  close(alertId: string): void {
    const key = this.#parents.keyOf(alertId);
    if (key !== undefined) this.#parents.delete(key);
  }
}
