import { z } from "zod";
import { type JsonObject, sanitizeName, setPath } from "../paths/index.ts";
import { compileTarget, type RunStep, StepError } from "./step.ts";
import { compileValue, hasPlaceholder, type MakeValue } from "./template.ts";
import { where } from "./where.ts";

/** Fields and their values, for steps that write several at once. */
export const fieldValues = z
  .record(z.string().min(1), z.unknown())
  .describe(
    "Values by field. A text may hold `{{path}}`; one that is nothing else is the value there, with its type. Where such a path is absent, its field is not written.",
  );

/** Writes several fields at once: fixed values, or what other fields hold. */
export const set = z
  .strictObject({ fields: fieldValues, where })
  .describe(
    "Writes several fields at once: fixed values, or what other fields hold. The name of a field below `log.` may hold `{{path}}` too, such as `log.data.{{log.item.name}}`.",
  );

type Write = (root: JsonObject) => boolean;

/** A field whose name is known only from the draft. It begins with `log.`, so that no log chooses a field of the schema. */
function compileNamed(name: string, value: MakeValue, at: readonly PropertyKey[]): Write {
  if (!name.startsWith("log."))
    throw new StepError(at, `"${name}" must begin with "log.", because a log gives a part of this name.`);
  const makeName = compileValue(name, at);
  return (root) => {
    const made = makeName(root);
    const result = value(root);
    if (typeof made !== "string" || result === undefined) return false;
    const segments = sanitizeName(made);
    if (segments.length < 2 || segments[0] !== "log") return false;
    setPath(root, segments, result);
    return true;
  };
}

/** Compiles fields and values; the result says whether anything was written. */
export function compileFieldValues(fields: z.infer<typeof fieldValues>, at: readonly PropertyKey[]): Write {
  const writes = Object.entries(fields).map(([name, given]): Write => {
    const place = [...at, name];
    const value = compileValue(given, place);
    if (hasPlaceholder(name)) return compileNamed(name, value, place);
    const target = compileTarget(name, place);
    return (root) => {
      const result = value(root);
      if (result === undefined) return false;
      target.write(root, result);
      return true;
    };
  });
  return (root) => {
    let written = false;
    for (const write of writes) written = write(root) || written;
    return written;
  };
}

export function compileSet({ fields }: z.infer<typeof set>): RunStep {
  const write = compileFieldValues(fields, ["fields"]);
  return ({ root }) => (write(root) ? undefined : "missed");
}
