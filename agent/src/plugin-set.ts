import { type BrokenPlugin, discoverNow } from "@vedette/core/plugin-folders";
import { type AnyPlugin, buildRegistry, messageOf, type ParseStep } from "@vedette/sdk";
import { z } from "zod";
import { commonKeys } from "./common-keys.ts";

/** A plugin that brings an input. */
export type InputPlugin = AnyPlugin & { readonly input: NonNullable<AnyPlugin["input"]> };

/** The plugins that an agent works with. */
export class PluginSet {
  readonly #plugins: readonly AnyPlugin[];
  /** Those that bring an input, by whose id `agent.inputs` names it. */
  readonly inputs: readonly InputPlugin[];
  /** Steps in code that plugins bring, by the name that pipelines call them by. */
  readonly parsers: ReadonlyMap<string, ParseStep>;
  /** Those of folders that could not be loaded. */
  readonly broken: readonly BrokenPlugin[];

  /** Throws a TypeError where two plugins are not to be had together. */
  constructor(plugins: readonly AnyPlugin[], broken: readonly BrokenPlugin[] = []) {
    this.#plugins = [...buildRegistry(plugins).values()];
    this.inputs = this.#plugins.filter((plugin): plugin is InputPlugin => plugin.input !== undefined);
    this.parsers = new Map(this.#plugins.flatMap(({ parse }) => Object.entries(parse?.steps ?? {})));
    this.broken = broken;
  }

  input(id: string): InputPlugin | undefined {
    return this.inputs.find((plugin) => plugin.id === id);
  }

  /** Pipeline files of the plugins: of those that parse a data type of `only` (default: all) and none of `except`. */
  pipelines(except: Iterable<string> = [], only?: ReadonlySet<string>): URL[] {
    const replaced = new Set(except);
    return this.#plugins.flatMap(({ parse }) => {
      if (!parse || parse.dataTypes.some((dataType) => replaced.has(dataType))) return [];
      return only === undefined || parse.dataTypes.some((dataType) => only.has(dataType))
        ? parse.pipelines
        : [];
    });
  }

  /**
   * These plugins and those in folders, each of which a configuration may use like one of these. One that cannot be loaded,
   * or not beside the others, is in `broken`; the others load.
   */
  with(folders: readonly string[]): PluginSet {
    if (folders.length === 0) return this;
    const found = discoverNow(folders, new Set(this.#plugins.map(({ id }) => id)));
    const broken = [...this.broken, ...found.broken];
    let plugins = [...this.#plugins];
    for (const plugin of found.plugins) {
      try {
        if (plugin.input) requireOwnKeys(plugin.id, plugin.input.settings);
        plugins = [...new PluginSet([...plugins, plugin]).#plugins];
      } catch (error) {
        broken.push({ place: plugin.id, reason: messageOf(error) });
      }
    }
    return new PluginSet(plugins, broken);
  }
}

/** Throws a TypeError where the settings of an input take names that are the agent's. */
export function requireOwnKeys(id: string, settings: unknown): void {
  if (!(settings instanceof z.ZodObject)) throw new TypeError(`The settings of input "${id}" are no object.`);
  const taken = ["type", ...Object.keys(commonKeys)].filter((key) => key in settings.shape);
  if (taken.length > 0)
    throw new TypeError(`Input "${id}" has settings with taken names: ${taken.join(", ")}.`);
}
