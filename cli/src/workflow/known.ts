import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { plugins } from "@vedette/collector";
import { knownActions } from "@vedette/collector/respond";
import { type IconSpec, readSpec } from "@vedette/core/plugins/icon";

const specName = "plugin.spec.yaml";

/** The actions that workflows may call: built in, of our own plugins, and of the InsightConnect plugins at these paths. */
export const actionsWith = (paths: readonly string[]): Set<string> => knownActions(plugins, specsAt(paths));

/** The specs of plugins at these paths: a plugin, or a folder of plugins. */
export function specsAt(paths: readonly string[]): IconSpec[] {
  return paths
    .flatMap((path) => {
      if (!statSync(path).isDirectory() || existsSync(join(path, specName))) return [path];
      return readdirSync(path)
        .map((name) => join(path, name))
        .filter((each) => existsSync(join(each, specName)));
    })
    .map((path) => readSpec(path).spec);
}
