import { z } from "zod";
import { commonKeys } from "../common-keys.ts";
import type { PluginSet } from "../plugin-set.ts";
import { fileInput } from "./file-input.ts";
import { identityOf } from "./identity.ts";
import type { InputConfig } from "./input-config.ts";

/**
 * `agent.inputs` with some plugins. Two inputs of one identity are refused: each would take what is the other's for its own. Where the
 * types that a configuration uses are `named` and all known, it is checked by these alone: making all takes longer than all else of a start.
 */
export function inputsOf(plugins: PluginSet, named?: ReadonlySet<string>) {
  const areKnown = [...(named ?? [""])].every((type) => type === "file" || plugins.input(type));
  const used = areKnown ? plugins.inputs.filter(({ id }) => named?.has(id)) : plugins.inputs;
  const ofPlugins = used.map(({ id, description, input }) =>
    (input.settings as unknown as z.ZodObject).safeExtend({
      type: z.literal(id).describe(description),
      ...commonKeys,
    }),
  );
  /** One item: what may be written there depends on its `type`. */
  const anyInput = z.discriminatedUnion("type", [
    fileInput,
    ...ofPlugins,
  ]) as z.ZodType as z.ZodType<InputConfig>;
  return z
    .array(anyInput)
    .max(1_000)
    .superRefine((list, context) => {
      const seen = new Map<string, number>();
      for (const [index, input] of list.entries()) {
        const identity = identityOf(input, plugins);
        const other = seen.get(identity);
        if (other === undefined) seen.set(identity, index);
        else {
          const named = input.id === undefined ? "reads the same source as" : "has the same id as";
          const message = `This input ${named} inputs[${other}]`;
          const path = input.id === undefined ? [index] : [index, "id"];
          context.addIssue({ code: "custom", message, path, input: input.id ?? input });
        }
      }
    })
    .default([])
    .describe("What is read on this host.");
}
