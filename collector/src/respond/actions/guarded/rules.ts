import { hash } from "node:crypto";
import {
  type Alert,
  type Clock,
  isVedetteError,
  type Logger,
  messageOf,
  severities,
  VedetteError,
} from "@vedette/sdk";
import { Lru } from "../../../bounded/index.ts";
import type { ActionRule } from "../../../config/index.ts";
import type { ControlDatabase } from "../../../control/index.ts";
import { isOfActions } from "../../of-actions.ts";
import { fits } from "../../triggers.ts";
import type { Written } from "./ledger.ts";
import type { Ask, Refusal } from "./types.ts";

/** A rule that may act, and what it would do. */
export interface LoadedRule {
  readonly rule: ActionRule;
  /** Of all it says: an armed rule that is changed is not armed any more. */
  readonly fingerprint: string;
}

export const loadRules = (rules: readonly ActionRule[]): LoadedRule[] =>
  rules.map((rule) => ({ rule, fingerprint: hash("sha256", JSON.stringify(rule)).slice(0, 16) }));

/** Whether an alert starts a rule's action. One that actions themselves gave rise to does so only where the rule says so: no loops. */
export function startedBy({ rules, minSeverity, onActions = false }: ActionRule, alert: Alert): boolean {
  if (!onActions && isOfActions(alert)) return false;
  const rank = (severity = ""): number => (severities as readonly string[]).indexOf(severity);
  if (rank(alert.severity) < rank(minSeverity)) return false;
  const names = [alert.name, alert.ruleId].flatMap((name) =>
    name === undefined ? [] : [name.toLowerCase()],
  );
  return rules.some((pattern) => names.some((name) => fits(pattern.toLowerCase(), name)));
}

/** The values of an alert at a path, each once; of lists all that are in them. At most 1,000. */
export function valuesAt(alert: Alert, path: string): string[] {
  let found: unknown[] = [alert];
  for (const part of path.split("."))
    found = found
      .flat(1)
      .flatMap((each) =>
        typeof each === "object" && each !== null && Object.hasOwn(each, part)
          ? [(each as Record<string, unknown>)[part]]
          : [],
      )
      .slice(0, 1_000);
  const texts = found.flat(1).filter((each) => typeof each === "string" || typeof each === "number");
  return [...new Set(texts.map(String))].filter((each) => each !== "").slice(0, 1_000);
}

/** What a rule asks for, for one alert and one target. The same rule, action and target in one window of alerts is one run. */
export function askOf({ rule }: LoadedRule, alert: Alert, value: string, armed: boolean): Ask {
  const at = Date.parse(alert["@timestamp"] ?? "") || 0;
  const window = Math.floor(at / (rule.windowSeconds * 1_000));
  const about = alert.ruleId || alert.name || "";
  return {
    ...{ action: rule.action, target: { value, type: rule.targetType }, parameters: rule.parameters },
    ...(rule.ttlSeconds === undefined ? {} : { ttlSeconds: rule.ttlSeconds }),
    ...(rule.approvals === undefined ? {} : { approvals: rule.approvals }),
    reason: `${alert.name || about}: ${rule.name}`,
    dryRun: rule.dryRun || !armed,
    key: hash("sha256", JSON.stringify(["rule", rule.name, about, rule.action, value, window, armed])),
    batch: `alert/${alert.id ?? ""}/${rule.name}`,
    ...(alert.tenantId && { tenant: { id: alert.tenantId, name: alert.tenantName ?? "" } }),
    cause: { rule: rule.name, alert: alert.id ?? "", alertRule: about },
    by: { name: `rule ${rule.name}`, id: `rule/${rule.name}`, origin: "rule", admin: true },
  };
}

const keysRemembered = 50_000;

/** Guards that refuse whatever comes next: what they say holds for so long without asking again. */
const holding: ReadonlySet<Refusal["guard"]> = new Set(["cap_minute", "cap_active", "kill_switch"] as const);
const holdMs = 1_000;

interface RuleDeps {
  readonly database: ControlDatabase;
  readonly clock: Clock;
  /** Counts what was not even asked for, because a guard refused all a moment ago. */
  readonly heldBack: (guard: Refusal["guard"]) => void;
  readonly log: Logger;
  readonly previewRules: boolean;
  readonly ask: (ask: Ask) => Promise<Written>;
}

/** Lets alerts start actions. */
export class ActionRules {
  readonly loaded: readonly LoadedRule[];
  readonly #deps: RuleDeps;
  /** Asks that were written already: repeats cost nothing. */
  readonly #known = new Lru<string, true>(keysRemembered);
  /** Many alerts at once must not hold up what stores them: a flood is counted, and not asked for one by one. */
  #held: { readonly guard: Refusal["guard"]; readonly until: number } | undefined;

  constructor(rules: readonly ActionRule[], deps: RuleDeps) {
    this.loaded = loadRules(rules);
    this.#deps = deps;
  }

  /** Which rules act for real: those that somebody armed as they are now, or all where no preview is asked for. */
  async armed(): Promise<ReadonlySet<string>> {
    if (!this.#deps.previewRules) return new Set(this.loaded.map(({ rule }) => rule.name));
    const rows = await this.#deps.database.selectFrom("action_armed").selectAll().execute();
    const known = new Map(rows.map(({ rule, fingerprint }) => [rule, fingerprint]));
    return new Set(
      this.loaded
        .filter(({ rule, fingerprint }) => known.get(rule.name) === fingerprint)
        .map(({ rule }) => rule.name),
    );
  }

  /**
   * Asks for what newly stored alerts start. Resolves when it is on disk; throws `control.unavailable`, to be tried again, where it
   * cannot be written. The same alerts again ask for nothing more.
   */
  async alerted(alerts: readonly Alert[]): Promise<void> {
    if (this.loaded.length === 0 || alerts.length === 0) return;
    const asks = alerts.flatMap((alert) =>
      this.loaded
        .filter(({ rule }) => startedBy(rule, alert))
        .flatMap((loaded) => valuesAt(alert, loaded.rule.field).map((value) => ({ loaded, alert, value }))),
    );
    if (asks.length === 0) return;
    try {
      const armed = await this.armed();
      for (const { loaded, alert, value } of asks) {
        const ask = askOf(loaded, alert, value, armed.has(loaded.rule.name));
        if (this.#known.get(ask.key!)) continue;
        if (this.#held && this.#deps.clock.now() < this.#held.until) this.#deps.heldBack(this.#held.guard);
        else await this.#one(ask);
      }
    } catch (error) {
      throw new VedetteError(
        "control.unavailable",
        `An action that a rule asks for cannot be written: ${messageOf(error)}`,
        { verdict: "retry" },
        { cause: error },
      );
    }
  }

  async #one(ask: Ask): Promise<void> {
    try {
      const { run, refusal } = await this.#deps.ask(ask);
      const holds = refusal && holding.has(refusal.guard);
      this.#held = holds ? { guard: refusal.guard, until: this.#deps.clock.now() + holdMs } : undefined;
      if (run.key?.startsWith(ask.key!)) this.#known.set(ask.key!, true);
    } catch (error) {
      if (!isVedetteError(error) || !error.code.startsWith("action.")) throw error;
      this.#deps.log.warn(
        { rule: ask.by.name, reason: error.message },
        "A rule's action cannot be asked for.",
      );
    }
  }
}
