import { hash } from "node:crypto";
import type { PluginSet } from "../plugin-set.ts";
import { type InputConfig, pluginSettings } from "./input-config.ts";

/**
 * What an input is known by across restarts: its `id`, or its type and a hash of the settings that name its source. It begins
 * the names of its sources and its folder.
 */
export function identityOf(input: InputConfig, plugins: PluginSet): string {
  if (input.id !== undefined) return input.id;
  // What logs are called does not change where they come from.
  const settings = pluginSettings(input);
  const named = plugins.input(input.type)?.input.identity?.(settings) ?? settings;
  return `${input.type}-${hash("sha256", JSON.stringify(sorted(named)), "hex").slice(0, 12)}`;
}

/** The same value with its keys in order, so that the order in a file does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
