import { z } from "zod";
import { sanitizeValue } from "../paths/index.ts";
import { parseJson } from "./json.ts";
import { compileSource, compileTarget, type RunStep, readSourceText } from "./step.ts";
import { where } from "./where.ts";

/** Parses JSON text and puts it at a field, where `json` puts its keys under `log.`. */
export const expand = z
  .strictObject({
    source: z.string().describe("Path of JSON text, or of a value to copy."),
    to: z.string().min(1).describe("Field that takes the value, in place of what it held."),
    where,
  })
  .describe(
    "Parses JSON text and puts the value, of any kind, at one field. An object or a list is copied as it is. The source stays.",
  );

export function compileExpand({ source, to }: z.infer<typeof expand>): RunStep {
  const path = compileSource(source, ["source"]);
  const target = compileTarget(to, ["to"]);
  return ({ root }) => {
    const found = path.read(root);
    let value = found;
    if (typeof found !== "object" || found === null) {
      const text = readSourceText(root, path);
      try {
        value = parseJson(text);
      } catch {
        throw new Error(`"${path.text}" is not valid JSON.`);
      }
    }
    target.write(root, sanitizeValue(value, target.segments.length));
    return undefined;
  };
}
