import type { Alert } from "@vedette/sdk";
import { type AlertTest, compileMatchers } from "../alert-match/index.ts";
import { Lru } from "../bounded/index.ts";
import type { AlertingConfig } from "../config/index.ts";
import { tenantMark, valuesOfAlert } from "../correlate/index.ts";

interface Rule {
  readonly name: string;
  readonly source: AlertTest;
  readonly target: AlertTest;
  readonly equal: readonly string[];
  readonly ms: number;
}

interface Source {
  readonly alertId: string;
  readonly until: number;
}

const maxSources = 10_000;

/** Alerts that hide others while they are there. Bounded: of too many sources the longest unused is forgotten. */
export class Inhibitions {
  readonly #rules: readonly Rule[];
  /** Sources by rule and values. */
  readonly #sources = new Lru<string, Source>(maxSources);

  constructor(config: AlertingConfig["inhibit"]) {
    this.#rules = config.map(({ name, source, target, equal, minutes }) => ({
      ...{ name, source: compileMatchers(source), target: compileMatchers(target) },
      ...{ equal, ms: minutes * 60_000 },
    }));
  }

  /** How long an alert may hide others, in milliseconds; 0 where none does. */
  get windowMs(): number {
    return Math.max(0, ...this.#rules.map(({ ms }) => ms));
  }

  get size(): number {
    return this.#sources.size;
  }

  /** Takes in an alert that was raised at a time (milliseconds since 1970). */
  note(alert: Alert, raisedAt: number): void {
    if (alert.id === undefined) return;
    for (const [at, rule] of this.#rules.entries()) {
      const key = rule.source(alert) ? keyOf(at, rule, alert) : undefined;
      if (key === undefined) continue;
      const until = raisedAt + rule.ms;
      const known = this.#sources.peek(key);
      if (known === undefined || known.until < until) this.#sources.set(key, { alertId: alert.id, until });
    }
  }

  /** The alert that hides another one now; undefined where none does. */
  by(alert: Alert, now: number): string | undefined {
    for (const [at, rule] of this.#rules.entries()) {
      // What could hide itself is a source, and sources are shown.
      if (!rule.target(alert) || rule.source(alert)) continue;
      const key = keyOf(at, rule, alert);
      const source = key === undefined ? undefined : this.#sources.get(key);
      if (source !== undefined && source.until > now) return source.alertId;
    }
    return undefined;
  }

  /** A closed alert hides nothing any more. */
  close(alertId: string): void {
    if (this.#sources.size === 0) return;
    for (const key of this.#sources.keysWhere((source) => source.alertId === alertId))
      this.#sources.delete(key);
  }
}

/** Undefined where an alert has none of the values that must be equal. */
function keyOf(at: number, { equal }: Rule, alert: Alert): string | undefined {
  // An alert of one tenant hides none of another.
  const values = equal.length === 0 ? tenantMark(alert.tenantId) : valuesOfAlert(alert, equal);
  return values === undefined ? undefined : `${at}\n${values}`;
}
