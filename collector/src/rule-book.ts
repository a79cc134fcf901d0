import type { Problem } from "@vedette/core/config";
import { type Clock, type Logger, VedetteError } from "@vedette/sdk";
import type { ReadRules, Rule } from "./detect/index.ts";

/** A rule by its name and where it is written. */
export interface RuleNote {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** What a reading of the rules changed. Lists are cut at a thousand; `counts` are whole. */
export interface RuleChanges {
  /** Rules that run now. */
  readonly rules: number;
  readonly files: number;
  /** Files that were not known from before, the others being remembered. */
  readonly filesCompiled: number;
  readonly counts: { readonly added: number; readonly changed: number; readonly removed: number };
  readonly added: readonly RuleNote[];
  /** Rules of the same id that mean something else, also because a filter or a field mapping changed. */
  readonly changed: readonly RuleNote[];
  readonly removed: readonly RuleNote[];
  readonly warnings: readonly Problem[];
  readonly ms: number;
}

const maxListed = 1_000;

interface BookDeps {
  /** Reads all rules; rejects with a `ConfigError` where one is wrong. */
  readonly read: () => Promise<ReadRules>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who runs rules and can take over others. */
interface Runner {
  reload(rules: readonly Rule[]): Promise<void>;
}

/** The rules that a collector runs, and how they change. */
export class RuleBook {
  readonly #deps: BookDeps;
  #rules: readonly Rule[];
  #runner: Runner | undefined;
  #busy = false;

  private constructor(rules: readonly Rule[], deps: BookDeps) {
    this.#rules = rules;
    this.#deps = deps;
  }

  /** Reads the rules for the first time. */
  static async open(deps: BookDeps): Promise<RuleBook> {
    return new RuleBook((await deps.read()).rules, deps);
  }

  /** The rules that run. */
  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** From now on rules can change: says who takes them over. */
  runBy(runner: Runner): void {
    this.#runner = runner;
  }

  /**
   * Reads the rules again and has them taken over. Rejects, and leaves all as it was, where a rule is wrong or they are not taken
   * over; with the verdict `retry` at the start, and while another change is under way.
   */
  async reload(): Promise<RuleChanges> {
    const runner = this.#runner;
    if (!runner) throw notNow("The collector is starting; try again when it is ready.");
    if (this.#busy) throw notNow("The rules are being changed already; try again when that is done.");
    this.#busy = true;
    try {
      const { clock, log } = this.#deps;
      const started = clock.now();
      const { rules, warnings, files, compiled } = await this.#deps.read();
      await runner.reload(rules);
      const told = { rules: rules.length, files, filesCompiled: compiled };
      const differing = differences(this.#rules, rules);
      this.#rules = rules;
      const ms = clock.now() - started;
      log.info({ ...told, ...differing.counts, ms }, "The rules were read again.");
      return { ...told, ...differing, warnings: warnings.slice(0, maxListed), ms };
    } finally {
      this.#busy = false;
    }
  }
}

const notNow = (message: string): VedetteError =>
  new VedetteError("config.invalid", message, { verdict: "retry" });

function differences(
  before: readonly Rule[],
  after: readonly Rule[],
): Pick<RuleChanges, "counts" | "added" | "changed" | "removed"> {
  const old = new Map(before.map((rule) => [rule.id, rule.digest]));
  const now = new Set(after.map(({ id }) => id));
  const added = after.filter(({ id }) => !old.has(id));
  const changed = after.filter(({ id, digest }) => old.has(id) && old.get(id) !== digest);
  const removed = before.filter(({ id }) => !now.has(id));
  return {
    counts: { added: added.length, changed: changed.length, removed: removed.length },
    added: notes(added),
    changed: notes(changed),
    removed: notes(removed),
  };
}

const notes = (rules: readonly Rule[]): RuleNote[] =>
  rules.slice(0, maxListed).map(({ id, name, place: { file, line } }) => ({ id, name, file, line }));
