import { z } from "zod";
import { compileSource, compileTarget, type RunStep, readSourceText, StepError } from "./step.ts";
import { where } from "./where.ts";

/** Most items that one text gives. */
export const MAX_ITEMS = 4096;

/** Splits a text into a list, or into fields. */
export const split = z
  .strictObject({
    source: z.string().describe("Path of the text to split."),
    separator: z.string().min(1).describe("What stands between two items."),
    target: z
      .string()
      .min(1)
      .optional()
      .describe("Field that takes the list; the source itself when left out."),
    fields: z
      .array(z.string())
      .min(1)
      .max(1024)
      .optional()
      .describe(
        "Fields in place of a list, one for each item; empty for an item to skip. The last one takes the rest.",
      ),
    where,
  })
  .describe(
    "Splits a text into a list, or into fields. Items are trimmed. A list has no empty items; an empty item is not written to its field.",
  );

/** The items of a text, trimmed; the last of `most` is the rest of the text. */
function itemsOf(text: string, separator: string, most: number): string[] {
  const items: string[] = [];
  let from = 0;
  while (items.length < most - 1) {
    const found = text.indexOf(separator, from);
    if (found < 0) break;
    items.push(text.slice(from, found).trim());
    from = found + separator.length;
  }
  items.push(text.slice(from).trim());
  return items;
}

export function compileSplit({ source, separator, target, fields }: z.infer<typeof split>): RunStep {
  const path = compileSource(source, ["source"]);
  if (fields !== undefined) {
    if (target !== undefined) throw new StepError(["target"], "Give `target` or `fields`, not both.");
    const targets = fields.map((name, index) =>
      name === "" ? undefined : compileTarget(name, ["fields", index]),
    );
    return ({ root }) => {
      const items = itemsOf(readSourceText(root, path), separator, targets.length);
      for (let index = 0; index < items.length; index++)
        if (items[index] !== "") targets[index]?.write(root, items[index]);
      return undefined;
    };
  }
  const list = compileTarget(target ?? source, [target === undefined ? "source" : "target"]);
  return ({ root }) => {
    const items = itemsOf(readSourceText(root, path), separator, MAX_ITEMS + 1);
    if (items.length > MAX_ITEMS) throw new Error(`"${path.text}" has more than ${MAX_ITEMS} items.`);
    list.write(
      root,
      items.filter((item) => item !== ""),
    );
    return undefined;
  };
}
