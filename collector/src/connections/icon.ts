import { resolve } from "node:path";
import type { Isolation } from "@vedette/core/plugin-isolation";
import type { HostedCommand, IconSpec } from "@vedette/core/plugins/icon";
import { type AnyConnectionType, type Logger, messageOf } from "@vedette/sdk";

/** An InsightConnect plugin whose connections can be made. */
export interface IconPlugin {
  /** Owner of its connections. */
  readonly id: string;
  readonly connections: Readonly<Record<string, AnyConnectionType>>;
  readonly spec: IconSpec;
  /** The plugin's program, confined as the collector confines plugins. */
  command(): HostedCommand;
}

/**
 * The connections of InsightConnect plugins, as kinds of connections. A spec that cannot be read is told and left out: its
 * connections are kept, and cannot be changed or tested until it can.
 */
export async function iconConnections(
  paths: readonly string[],
  baseDir: string,
  { log, isolation }: { readonly log: Logger; readonly isolation: Isolation | undefined },
): Promise<readonly IconPlugin[]> {
  if (paths.length === 0) return [];
  const icon = await import("@vedette/core/plugins/icon");
  const found = new Map<string, IconPlugin>();
  for (const path of paths) {
    try {
      const { spec } = icon.readSpec(resolve(baseDir, path));
      if ([...found.values()].some((other) => other.spec.file === spec.file)) continue;
      const id = icon.connectionOwner(spec);
      const confine = isolation && (() => isolation.of(id, spec.name));
      if (found.has(id))
        throw new TypeError(`There is another InsightConnect plugin with the name "${spec.name}".`);
      const connections = { [icon.connectionKind]: icon.connectionTypeOf(spec, confine) };
      const command = () => ({ ...icon.commandOf(spec), confinement: confine?.() });
      found.set(id, { id, connections, spec, command });
    } catch (error) {
      log.error(
        { path, reason: messageOf(error) },
        "An InsightConnect plugin cannot be read; the others go on.",
      );
    }
  }
  return [...found.values()];
}
