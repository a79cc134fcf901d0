import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { compileTarget, type RunStep } from "./step.ts";
import { where } from "./where.ts";

/** Writes a fixed text to a field. */
export const add = z
  .strictObject({
    function: z.enum(["string", "set"]).describe("`string` (or its other name `set`)."),
    params: z
      .strictObject({
        key: z.string().min(1).describe("Field to write."),
        value: z.unknown().describe("What to write; numbers and booleans become text."),
      })
      .describe("What is written where."),
    where,
  })
  .describe("Writes a fixed text to a field.");

export function compileAdd({ params }: z.infer<typeof add>): RunStep {
  const target = compileTarget(params.key, ["params", "key"]);
  const value = textOf(params.value);
  return ({ root }) => {
    target.write(root, value);
    return undefined;
  };
}
