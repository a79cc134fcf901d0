import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadPlugin } from "@vedette/collector";
import { capabilitiesOf, messageOf } from "@vedette/sdk";
import { manifestProblems } from "@vedette/sdk/testing";

/** True for a folder of a plugin of our own contract. */
export const isOwnPlugin = (path: string): boolean =>
  ["index.ts", "index.mjs", "index.js"].some((name) => existsSync(join(path, name)));

export interface OwnCheck {
  /** What it is, for a line on stderr. */
  readonly said: string;
  readonly problems: readonly string[];
}

/** Loads a plugin as a collector would, and says where it does not keep the contract. */
export async function checkOwnPlugin(path: string): Promise<OwnCheck> {
  try {
    const plugin = await loadPlugin(path);
    const files = [...(plugin.parse?.pipelines ?? []), ...(plugin.analyze?.rules ?? [])];
    const missing = files
      .filter((file) => !existsSync(file))
      .map((file) => `There is no file ${file.pathname}.`);
    return {
      said: `${plugin.id} ${plugin.version}: ${capabilitiesOf(plugin).join(", ")}`,
      problems: [...manifestProblems(plugin), ...missing],
    };
  } catch (error) {
    return { said: path, problems: [messageOf(error)] };
  }
}
