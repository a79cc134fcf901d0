import type { Alert } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import { valuesOfAlert } from "../correlate/index.ts";
import type { CompiledControl, ControlKind } from "./controls.ts";
import type { Inhibitions } from "./inhibitions.ts";

/** Why nobody is told of an alert. */
export const hiddenReasons = ["inhibited", "silenced", "maintenance", "excepted"] as const;
export type HiddenReason = (typeof hiddenReasons)[number];

const reasonOf: Readonly<Record<ControlKind, HiddenReason>> = {
  silence: "silenced",
  maintenance: "maintenance",
  exception: "excepted",
};

/** What became of some alerts. */
export interface Screened {
  /** Those to be stored, in their order; the hidden ones say why. */
  readonly alerts: readonly Alert[];
  /** Hidden alerts like one that was hidden for the same reason within the hour: counted, not stored. */
  readonly repeats: readonly Alert[];
}

const maxRepeats = 20_000;
const repeatMs = 3_600_000;

/**
 * Inhibits, silences and folds repeats. Decides by what it was told, asks nobody; the same alert again gets the same place
 * among repeats. Bounded.
 */
export class Screen {
  readonly #inhibitions: Inhibitions;
  /** What hides alerts now, as the watch over the control database last saw it. */
  controls: readonly CompiledControl[] = [];
  /** The hidden alert that stands for others like it, by reason and values. */
  readonly #standing = new Lru<string, { readonly id: string; readonly at: number }>(maxRepeats);

  constructor(inhibitions: Inhibitions) {
    this.#inhibitions = inhibitions;
  }

  /** `now` in milliseconds since 1970. */
  screen(alerts: readonly Alert[], now: number): Screened {
    // All sources first: one may stand behind what it hides.
    for (const alert of alerts) this.#inhibitions.note(alert, now);
    const kept: Alert[] = [];
    const repeats: Alert[] = [];
    for (const alert of alerts) {
      const cause = this.#causeOf(alert, now);
      if (cause === undefined) kept.push(alert);
      else {
        const hidden = { ...alert, ...cause };
        (this.#repeats(hidden, now) ? repeats : kept).push(hidden);
      }
    }
    return { alerts: kept, repeats };
  }

  #causeOf(alert: Alert, now: number): { hidden: HiddenReason; hiddenBy: string } | undefined {
    const source = this.#inhibitions.by(alert, now);
    if (source !== undefined) return { hidden: "inhibited", hiddenBy: source };
    const found = this.controls.find((each) => each.hides(alert, now));
    return found && { hidden: reasonOf[found.control.kind], hiddenBy: found.control.id };
  }

  #repeats(alert: Alert, now: number): boolean {
    const { id = "", ruleId, tenantId, hidden, hiddenBy, deduplicateBy = [], groupBy = [] } = alert;
    const paths = [...deduplicateBy, ...groupBy];
    const values = valuesOfAlert(
      alert,
      paths.length > 0 ? paths : ["adversary.ip", "adversary.user", "dataSource"],
    );
    const key = JSON.stringify([ruleId, tenantId, hidden, hiddenBy, values]);
    const standing = this.#standing.get(key);
    if (standing !== undefined && now - standing.at < repeatMs) return standing.id !== id;
    this.#standing.set(key, { id, at: now });
    return false;
  }
}
