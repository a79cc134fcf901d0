import { z } from "zod";
import { inputPlugins } from "../plugins.ts";
import { commonKeys } from "./common-keys.ts";
import { fileInput } from "./file-input.ts";
import { identityOf } from "./identity.ts";
import type { InputConfig } from "./input-config.ts";

const ofPlugins = inputPlugins.map(({ id, description, input }) => {
  const settings: unknown = input.settings;
  if (!(settings instanceof z.ZodObject)) throw new TypeError(`The settings of input "${id}" are no object.`);
  const taken = ["type", ...Object.keys(commonKeys)].filter((key) => key in settings.shape);
  if (taken.length > 0)
    throw new TypeError(`Input "${id}" has settings with taken names: ${taken.join(", ")}.`);
  return settings.safeExtend({ type: z.literal(id).describe(description), ...commonKeys });
});

/** One item of `agent.inputs`: what may be written there depends on its `type`. */
const anyInput = z.discriminatedUnion("type", [
  fileInput,
  ...ofPlugins,
]) as z.ZodType as z.ZodType<InputConfig>;

/** `agent.inputs`. Two inputs of one identity are refused: each would take what is the other's for its own. */
export const inputs = z
  .array(anyInput)
  .max(1_000)
  .superRefine((list, context) => {
    const seen = new Map<string, number>();
    for (const [index, input] of list.entries()) {
      const identity = identityOf(input);
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
