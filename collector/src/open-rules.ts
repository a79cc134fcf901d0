import { formatProblem, type Problem } from "@vedette/core/config";
import type { AnyPlugin, Deps, Egress } from "@vedette/sdk";
import type { CollectorConfig } from "./config/index.ts";
import { Intel } from "./enrich/index.ts";
import { packContent, packStore, withPackLists } from "./open-packs.ts";
import type { PackStore } from "./packs/index.ts";
import { RuleBook } from "./rule-book.ts";
import { ruleReading } from "./rules.ts";

interface OpenDeps extends Deps {
  readonly baseDir: string;
  readonly stateDir: string;
  readonly egress: Egress;
  /** Plugins of folders, which may have rules too. */
  readonly plugins: readonly AnyPlugin[];
}

/** Reads the rules of a configuration: built-in ones, those of packs and its own, and the lists that they may look into. */
export async function openRules(
  config: CollectorConfig,
  deps: OpenDeps,
): Promise<{ readonly intel: Intel; readonly book: RuleBook; readonly packs: PackStore }> {
  const { log, clock, baseDir, plugins } = deps;
  const packs = packStore(config, deps, clock);
  const { intel: lists } = await withPackLists(config, packs);
  const intel = new Intel(lists, deps);
  const doubt = (problem: Problem): void => log.warn({ rule: formatProblem(problem) }, "A rule is doubtful.");
  const content = () => packContent(packs);
  const read = ruleReading(config, baseDir, doubt, content, plugins, { lists: intel });
  return { intel, packs, book: await RuleBook.open({ read, clock, log }) };
}
