import { z } from "zod";
import { deletePath, textOf } from "../paths/index.ts";
import { checkDeletable } from "./delete.ts";
import { compilePlace, compileTarget, type RunStep } from "./step.ts";
import { where } from "./where.ts";

/** Moves a field. Objects and lists become JSON text, null becomes empty text. */
export const rename = z
  .strictObject({
    from: z
      .array(z.string().min(1))
      .min(1)
      .describe("Fields to move; of those that exist the last one wins."),
    to: z.string().min(1).describe("Where to."),
    where,
  })
  .describe("Moves a field. Objects and lists become JSON text, null becomes empty text.");

/** A value as it arrives: what is no scalar becomes text. */
export const movedValue = (value: unknown): unknown => (typeof value === "object" ? textOf(value) : value);

export function compileRename({ from, to }: z.infer<typeof rename>): RunStep {
  const target = compileTarget(to, ["to"]);
  const sources = from.map((name, index) => {
    checkDeletable(name, ["from", index]);
    const path = compilePlace(name, ["from", index]);
    return { path, stays: path.segments.join("\0") === target.segments.join("\0") };
  });
  return ({ root }) => {
    let moved = false;
    for (const { path, stays } of sources) {
      const value = path.read(root);
      if (value === undefined) continue;
      moved = true;
      if (!stays) deletePath(root, path.segments);
      target.write(root, movedValue(value));
    }
    return moved ? undefined : "missed";
  };
}
