import { resolve } from "node:path";
import type { Isolation } from "@vedette/core/plugin-isolation";
import { type AnyConnectionType, type Logger, messageOf } from "@vedette/sdk";

interface WithConnections {
  readonly id: string;
  readonly connections: Readonly<Record<string, AnyConnectionType>>;
}

/**
 * The connections of InsightConnect plugins, as kinds of connections. A spec that cannot be read is told and left out: its
 * connections are kept, and cannot be changed or tested until it can.
 */
export async function iconConnections(
  paths: readonly string[],
  baseDir: string,
  { log, isolation }: { readonly log: Logger; readonly isolation: Isolation | undefined },
): Promise<readonly WithConnections[]> {
  if (paths.length === 0) return [];
  const icon = await import("@vedette/core/plugins/icon");
  const found = new Map<string, WithConnections>();
  for (const path of paths) {
    try {
      const { spec } = icon.readSpec(resolve(baseDir, path));
      const id = icon.connectionOwner(spec);
      const confine = isolation && (() => isolation.of(id, spec.name));
      if (found.has(id))
        throw new TypeError(`There is another InsightConnect plugin with the name "${spec.name}".`);
      found.set(id, { id, connections: { [icon.connectionKind]: icon.connectionTypeOf(spec, confine) } });
    } catch (error) {
      log.error(
        { path, reason: messageOf(error) },
        "An InsightConnect plugin cannot be read; the others go on.",
      );
    }
  }
  return [...found.values()];
}
