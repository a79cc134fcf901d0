import { z } from "zod";
import type { RunStep, StepContext } from "./step.ts";
import { where } from "./where.ts";

/** Calls a parsing plugin of the EventProcessor. */
export const dynamic = z
  .strictObject({
    plugin: z
      .string()
      .regex(/^[\w.-]{1,100}$/, "letters, digits, dots, hyphens and underscores")
      .describe("Name of the plugin, such as `com.utmstack.geolocation`."),
    params: z.unknown().optional().describe("What the plugin is told; its own business."),
    where,
  })
  .describe(
    "Calls a parsing plugin over its socket `<plugin>_parsing.sock`. A plugin that is not connected leaves an entry in `errors`, and the next step runs.",
  );

/** What stays as the log says, whatever a plugin answers. */
const own = ["id", "dataType", "dataSource", "@timestamp", "tenantId", "raw"] as const;

export function compileDynamic({ plugin, params }: z.infer<typeof dynamic>, context: StepContext): RunStep {
  const host = context.dynamic;
  if (!host?.connected(plugin))
    context.warn(`The plugin "${plugin}" is not connected; the step leaves an error in every event.`, [
      "plugin",
    ]);
  return (draft) => {
    if (!host?.connected(plugin)) throw new Error(`plugin ${plugin} is not connected`);
    const { root } = draft;
    const before = own.map((key) => root[key]);
    try {
      host.call({ plugin, params, draft });
    } finally {
      for (let index = 0; index < own.length; index++) draft.root[own[index]!] = before[index];
    }
    return undefined;
  };
}
