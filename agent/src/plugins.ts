import { apache } from "@vedette/plugins/apache";
import { generic } from "@vedette/plugins/generic";
import { json } from "@vedette/plugins/json";
import { nginx } from "@vedette/plugins/nginx";
import { sshd } from "@vedette/plugins/sshd";
import { syslog } from "@vedette/plugins/syslog";
import { traefik } from "@vedette/plugins/traefik";
import { type AnyPlugin, buildRegistry } from "@vedette/sdk";

/** The plugins whose pipelines come with every agent. */
export const plugins = [nginx, apache, sshd, traefik, syslog, json, generic] satisfies readonly AnyPlugin[];

const registry = buildRegistry(plugins);

/** Pipeline files of the built-in plugins. With data types given, those of plugins that parse none of these. */
export function builtinPipelines(except: Iterable<string> = []): URL[] {
  const replaced = new Set(except);
  return [...registry.values()].flatMap(({ parse }) =>
    parse && !parse.dataTypes.some((dataType) => replaced.has(dataType)) ? parse.pipelines : [],
  );
}
