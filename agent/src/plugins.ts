import { apache } from "@vedette/plugins/apache";
import { exec } from "@vedette/plugins/exec";
import { generic } from "@vedette/plugins/generic";
import { http } from "@vedette/plugins/http";
import { journald } from "@vedette/plugins/journald";
import { json } from "@vedette/plugins/json";
import { linuxAuth } from "@vedette/plugins/linux-auth";
import { mqtt } from "@vedette/plugins/mqtt";
import { nginx } from "@vedette/plugins/nginx";
import { syslog } from "@vedette/plugins/syslog";
import { traefik } from "@vedette/plugins/traefik";
import { type AnyPlugin, buildRegistry } from "@vedette/sdk";

/** The plugins whose pipelines and inputs come with every agent. */
export const plugins = [
  nginx,
  apache,
  linuxAuth,
  traefik,
  syslog,
  http,
  json,
  generic,
  exec,
  journald,
  mqtt,
] satisfies readonly AnyPlugin[];

const registry = buildRegistry(plugins);

/** A plugin that brings an input. */
export type InputPlugin = AnyPlugin & { readonly input: NonNullable<AnyPlugin["input"]> };

/** The plugins that bring an input, by whose id `agent.inputs` names it. */
export const inputPlugins: readonly InputPlugin[] = [...registry.values()].filter(
  (plugin): plugin is InputPlugin => plugin.input !== undefined,
);

/**
 * Pipeline files of the built-in plugins: of those that parse a data type of `only` (default: all) and none of `except`.
 */
export function builtinPipelines(except: Iterable<string> = [], only?: ReadonlySet<string>): URL[] {
  const replaced = new Set(except);
  return [...registry.values()].flatMap(({ parse }) => {
    if (!parse || parse.dataTypes.some((dataType) => replaced.has(dataType))) return [];
    return only === undefined || parse.dataTypes.some((dataType) => only.has(dataType))
      ? parse.pipelines
      : [];
  });
}
