import { reservedKeys } from "@vedette/sdk";
import { z } from "zod";
import { deletePath, splitPath } from "../paths/index.ts";
import { compilePlace, type RunStep, StepError } from "./step.ts";
import { where } from "./where.ts";

/** Removes fields. */
export const remove = z
  .strictObject({
    fields: z.array(z.string().min(1)).min(1).describe("Fields to remove."),
    where,
  })
  .describe("Removes fields.");

/** Refuses to take away what inputs wrote. */
export function checkDeletable(name: string, at: readonly PropertyKey[]): void {
  const [top = ""] = splitPath(name);
  if (reservedKeys.has(top)) throw new StepError(at, `"${top}" is reserved: steps cannot remove it.`);
}

export function compileDelete({ fields }: z.infer<typeof remove>): RunStep {
  const paths = fields.map((name, index) => {
    checkDeletable(name, ["fields", index]);
    return compilePlace(name, ["fields", index]);
  });
  return ({ root }) => {
    let removed = false;
    for (const path of paths) removed = deletePath(root, path.segments) || removed;
    return removed ? undefined : "missed";
  };
}
