import { loadRules, Matcher, type Rule } from "@vedette/collector";
import { ConfigError, formatProblem } from "@vedette/core/config";

export interface RuleSetOptions {
  readonly logsource: "on" | "off";
  /** Is told what is wrong with a rule; the others are tried all the same. */
  readonly warn: (text: string) => void;
}

/** The rules of some paths, made for events of ours or for others when the first of these comes. */
export class RuleSet {
  readonly #paths: readonly (string | URL)[];
  readonly #options: RuleSetOptions;
  readonly #made = new Map<boolean, { readonly rules: readonly Rule[]; readonly matcher: Matcher }>();

  constructor(paths: readonly (string | URL)[], options: RuleSetOptions) {
    this.#paths = paths;
    this.#options = options;
  }

  /** The rules and what tries them all. Throws a `ConfigError` where none of them can run. */
  for(plain: boolean): { readonly rules: readonly Rule[]; readonly matcher: Matcher } {
    let made = this.#made.get(plain);
    if (!made) {
      const { logsource, warn } = this.#options;
      const loaded = loadRules(this.#paths, { logsource, sigmaFields: plain ? "plain" : "mapped" });
      if (loaded.rules.length === 0 && loaded.problems.length > 0) throw new ConfigError(loaded.problems);
      const single = loaded.rules.filter(({ correlation }) => correlation === undefined);
      const correlations = loaded.rules.length - single.length;
      if (this.#made.size === 0) {
        for (const problem of loaded.problems) warn(formatProblem(problem));
        if (correlations > 0)
          warn(`${correlations} correlations are left out: they need more than one event.`);
      }
      const rules = logsource === "off" ? single.map((rule) => ({ ...rule, dataTypes: ["*"] })) : single;
      made = { rules, matcher: new Matcher(rules) };
      this.#made.set(plain, made);
    }
    return made;
  }
}
