import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AnyPlugin, definePlugin } from "@vedette/sdk";

/** The folder of all integrations. */
export const pluginsFolder = new URL("../../../plugins/", import.meta.url);

const isPlugin = (value: unknown): value is AnyPlugin =>
  typeof value === "object" && value !== null && "id" in value && "settings" in value && "locales" in value;

/** Folder names of all integrations, the template last. */
export const pluginFolders: readonly string[] = readdirSync(pluginsFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/index.ts`, pluginsFolder)))
  .map((entry) => entry.name)
  .sort(
    (left, right) =>
      Number(left.startsWith("_")) - Number(right.startsWith("_")) || left.localeCompare(right),
  );

/** An integration as it lies in its folder. */
export interface FoundPlugin {
  readonly folder: string;
  readonly plugin: AnyPlugin;
}

async function load(folder: string): Promise<FoundPlugin> {
  const module = (await import(fileURLToPath(new URL(`${folder}/index.ts`, pluginsFolder)))) as Record<
    string,
    unknown
  >;
  const found = Object.values(module).filter(isPlugin);
  if (found.length !== 1)
    throw new TypeError(`plugins/${folder}/index.ts exports ${found.length} plugins, not one.`);
  return { folder, plugin: definePlugin(found[0] as AnyPlugin) };
}

export const allPlugins: readonly FoundPlugin[] = await Promise.all(pluginFolders.map(load));
