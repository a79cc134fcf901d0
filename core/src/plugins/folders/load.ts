import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type AnyPlugin, definePlugin } from "@vedette/sdk";
import { shareSdk } from "./share-sdk.ts";

const entries = ["index.ts", "index.mjs", "index.js"] as const;

const entryOf = (place: string): string | undefined =>
  entries.map((entry) => join(place, entry)).find((file) => existsSync(file));

/** True for a folder that holds a plugin. */
export const isPluginFolder = (place: string): boolean => entryOf(place) !== undefined;

/** Loads the plugin of a folder and checks its manifest. Throws with a sentence that says why it cannot be. */
export async function loadPlugin(place: string): Promise<AnyPlugin> {
  shareSdk();
  const file = required(place);
  const url = pathToFileURL(file);
  url.searchParams.set("changed", String(newest(place)));
  return placed(pluginIn(file, (await import(url.href)) as Record<string, unknown>), place);
}

/**
 * The same at once, for what a configuration cannot be read without. A module that waits at its top cannot be loaded so, and
 * a changed file not without a new start.
 */
export function loadPluginNow(place: string): AnyPlugin {
  shareSdk();
  const file = required(place);
  return placed(pluginIn(file, createRequire(pathToFileURL(file))(file) as Record<string, unknown>), place);
}

const places = new WeakMap<AnyPlugin, string>();

/** The folder that a plugin was loaded from; undefined where it was not. */
export const placeOf = (plugin: AnyPlugin): string | undefined => places.get(plugin);

function placed(plugin: AnyPlugin, place: string): AnyPlugin {
  places.set(plugin, place);
  return plugin;
}

function required(place: string): string {
  const file = entryOf(place);
  if (file === undefined) throw new TypeError(`${place} has none of ${entries.join(", ")}.`);
  return file;
}

function pluginIn(file: string, module: Readonly<Record<string, unknown>>): AnyPlugin {
  const found = Object.values(module).find(isPlugin);
  if (!found) throw new TypeError(`${file} exports no plugin; export what definePlugin gives.`);
  return definePlugin(found);
}

const isPlugin = (value: unknown): value is AnyPlugin =>
  typeof value === "object" && value !== null && "id" in value && "apiVersion" in value;

/** Files beside the entry are loaded anew only with it. */
const newest = (place: string): number =>
  Math.max(...readdirSync(place).map((name) => statSync(join(place, name)).mtimeMs));
