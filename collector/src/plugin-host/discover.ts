import { existsSync, readdirSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyPlugin, definePlugin, messageOf, switchedOff } from "@vedette/sdk";
import type { Discovered } from "./host.ts";

const entries = ["index.ts", "index.mjs", "index.js"] as const;
const maxFolders = 500;

/**
 * Loads the plugins in folders: each is a folder with an `index.ts`, `.mjs` or `.js` that exports what `definePlugin` gave. One
 * that cannot be loaded is named with its reason; the others load. A changed file is loaded anew.
 */
export async function discover(
  folders: readonly string[],
  taken: ReadonlySet<string>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Discovered> {
  const plugins: AnyPlugin[] = [];
  const broken: { place: string; reason: string }[] = [];
  const ids = new Set(taken);
  for (const place of folders.flatMap((folder) => pluginFolders(folder, broken))) {
    const name = place.split(/[\\/]/).pop() ?? "";
    // Before anything of it runs: a plugin that breaks the collector can be switched off.
    if (switchedOff(name, env)) continue;
    try {
      const plugin = await loadPlugin(place);
      if (switchedOff(plugin.id, env)) continue;
      if (ids.has(plugin.id)) throw new TypeError(`There is another plugin with the id "${plugin.id}".`);
      ids.add(plugin.id);
      plugins.push(plugin);
    } catch (error) {
      broken.push({ place, reason: messageOf(error) });
    }
  }
  return { plugins, broken };
}

function pluginFolders(folder: string, broken: { place: string; reason: string }[]): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .slice(0, maxFolders)
      .map((name) => join(folder, name))
      .filter((place) => entries.some((entry) => existsSync(join(place, entry))));
  } catch (error) {
    broken.push({ place: folder, reason: messageOf(error) });
    return [];
  }
}

/** Loads the plugin of a folder and checks its manifest. Throws with a sentence that says why it cannot be. */
export async function loadPlugin(place: string): Promise<AnyPlugin> {
  shareSdk();
  const file = entries.map((entry) => join(place, entry)).find((entry) => existsSync(entry))!;
  const url = pathToFileURL(file);
  url.searchParams.set("changed", String(newest(place)));
  const module = (await import(url.href)) as Record<string, unknown>;
  const found = Object.values(module).find(isPlugin);
  if (!found) throw new TypeError(`${file} exports no plugin; export what definePlugin gives.`);
  return definePlugin(found);
}

const isPlugin = (value: unknown): value is AnyPlugin =>
  typeof value === "object" && value !== null && "id" in value && "apiVersion" in value;

/** Files beside the entry are loaded anew only with it. */
const newest = (place: string): number =>
  Math.max(...readdirSync(place).map((name) => statSync(join(place, name)).mtimeMs));

const shared = /^(@vedette\/sdk(\/.*)?|zod)$/;
let isShared = false;

/** A plugin outside of this installation gets its sdk, whatever is installed beside it. */
function shareSdk(): void {
  if (isShared) return;
  isShared = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      shared.test(specifier)
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
  });
}
