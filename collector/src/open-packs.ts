import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError, type Problem } from "@vedette/core/config";
import type { Clock } from "@vedette/sdk";
import { type CollectorConfig, intelList } from "./config/index.ts";
import { type InstalledPack, PackStore, rulePaths } from "./packs/index.ts";

/** As many as a configuration may name. */
const maxLists = 100;

/** What the packs of a collector add to it. */
export interface PackContent {
  readonly rules: readonly string[];
  /** What is doubtful: a pack after its time. */
  readonly warnings: readonly Problem[];
}

/** The packs of a configuration. `stateDir` is absolute, the folder of packs starts at `baseDir`. */
export const packStore = (
  { packs }: CollectorConfig,
  { stateDir, baseDir }: { readonly stateDir: string; readonly baseDir: string },
  clock: Clock,
): PackStore =>
  new PackStore(
    {
      folder: packs.folder === undefined ? join(stateDir, "packs") : resolve(baseDir, packs.folder),
      trusted: packs.trusted,
      maxBytes: packs.maxMiB * 2 ** 20,
    },
    clock,
  );

/** Checks the installed packs. Rejects with a `ConfigError` where one cannot be trusted: nothing is left out in silence. */
export async function packContent(store: PackStore): Promise<PackContent> {
  const packs = await sound(store);
  const warnings = packs.flatMap(({ name, dir, manifest, expired }) => {
    if (!expired) return [];
    const message = `The pack "${name}" expired at ${manifest!.expires}.`;
    const suggestion = "Install a newer one.";
    return [{ ...at(dir), message, suggestion, severity: "warning" as const }];
  });
  return { rules: packs.flatMap(({ dir }) => rulePaths(dir)), warnings };
}

/**
 * The configuration with the lists of the installed packs among its own: `lists/NAME.txt` is the list `NAME`. Rejects with a
 * `ConfigError` where a name is taken.
 */
export async function withPackLists(config: CollectorConfig, store: PackStore): Promise<CollectorConfig> {
  const lists = [...config.intel.lists];
  for (const { dir } of await sound(store)) {
    for (const file of (await readdir(join(dir, "lists")).catch(() => [])).sort()) {
      const name = /^(.+)\.txt$/.exec(file)?.[1];
      if (name === undefined) continue;
      const list = intelList.safeParse({ name, file: join(dir, "lists", file) });
      const why = list.success
        ? lists.some((each) => each.name === name)
          ? `There is a list "${name}" already.`
          : lists.length >= maxLists && `There are ${maxLists} lists already.`
        : `"${name}" is no name of a list: small letters, digits, - and _.`;
      if (why) throw new ConfigError([{ ...at(join(dir, "lists", file)), message: why }]);
      lists.push(list.data!);
    }
  }
  return { ...config, intel: { ...config.intel, lists } };
}

async function sound(store: PackStore): Promise<readonly InstalledPack[]> {
  const packs = await store.all();
  const problems = packs.flatMap(({ name, dir, problem }) => {
    if (problem === undefined) return [];
    const message = `The pack "${name}" cannot be used. ${problem}`;
    const suggestion = `Install it again, or take it away with "vedette rules pack remove ${name}".`;
    return [{ ...at(dir), message, suggestion }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return packs;
}

const at = (file: string) => ({ file, line: 1, column: 1, path: "" });
