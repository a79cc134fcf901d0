import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type AnyPlugin, messageOf, switchedOff } from "@vedette/sdk";
import { isPluginFolder, loadPlugin, loadPluginNow } from "./load.ts";

const maxFolders = 500;

/** A plugin that could not be loaded, and why. */
export interface BrokenPlugin {
  readonly place: string;
  readonly reason: string;
}

/** What folders of plugins gave. */
export interface Discovered {
  readonly plugins: readonly AnyPlugin[];
  readonly broken: readonly BrokenPlugin[];
}

/**
 * Loads the plugins in folders: each is a folder with an `index.ts`, `.mjs` or `.js` that exports what `definePlugin` gave. One
 * that cannot be loaded is named with its reason; the others load. A changed file is loaded anew.
 */
export async function discover(
  folders: readonly string[],
  taken: ReadonlySet<string>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Discovered> {
  const found = new Found(taken, env);
  for (const place of found.places(folders))
    found.take(place, await loadPlugin(place).catch((error: unknown) => ({ reason: messageOf(error) })));
  return found;
}

/** The same at once: see `loadPluginNow`. */
export function discoverNow(
  folders: readonly string[],
  taken: ReadonlySet<string>,
  env: NodeJS.ProcessEnv = process.env,
): Discovered {
  const found = new Found(taken, env);
  for (const place of found.places(folders)) {
    try {
      found.take(place, loadPluginNow(place));
    } catch (error) {
      found.take(place, { reason: messageOf(error) });
    }
  }
  return found;
}

class Found implements Discovered {
  readonly plugins: AnyPlugin[] = [];
  readonly broken: BrokenPlugin[] = [];
  readonly #ids: Set<string>;
  readonly #env: NodeJS.ProcessEnv;

  constructor(taken: ReadonlySet<string>, env: NodeJS.ProcessEnv) {
    this.#ids = new Set(taken);
    this.#env = env;
  }

  /** Folders of plugins, but those that are switched off: before anything of them runs, as it may break everything. */
  places(folders: readonly string[]): string[] {
    return folders
      .flatMap((folder) => this.#within(folder))
      .filter((place) => !switchedOff(place.split(/[\\/]/).pop() ?? "", this.#env));
  }

  take(place: string, loaded: AnyPlugin | { readonly reason: string }): void {
    if ("reason" in loaded) {
      this.broken.push({ place, reason: loaded.reason });
      return;
    }
    const { id } = loaded;
    if (switchedOff(id, this.#env)) return;
    if (this.#ids.has(id))
      this.broken.push({ place, reason: `There is another plugin with the id "${id}".` });
    else this.plugins.push(loaded);
    this.#ids.add(id);
  }

  #within(folder: string): string[] {
    try {
      return readdirSync(folder)
        .sort()
        .slice(0, maxFolders)
        .map((name) => join(folder, name))
        .filter(isPluginFolder);
    } catch (error) {
      this.broken.push({ place: folder, reason: messageOf(error) });
      return [];
    }
  }
}
