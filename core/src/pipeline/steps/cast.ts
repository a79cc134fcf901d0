import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { compileFields, type RunStep } from "./step.ts";
import { where } from "./where.ts";

const types = ["int", "int64", "float", "float64", "string", "bool", "[]string"] as const;

/** Changes the type of existing fields. Text that cannot be read becomes 0, 0.0 or false. */
export const cast = z
  .strictObject({
    fields: z.array(z.string().min(1)).min(1).describe("Fields to change, where they exist."),
    to: z.enum(types).describe("The type to change to."),
    where,
  })
  .describe("Changes the type of existing fields. Text that cannot be read becomes 0, 0.0 or false.");

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  const text = textOf(value).trim();
  return DECIMAL.test(text) ? Number(text) : 0;
}

/** Whole numbers beyond 2^53 stay text, so that no digit is lost. */
function toInteger(value: unknown): number | string {
  if (typeof value === "string" && value.length > 15 && /^[+-]?\d{16,19}$/.test(value.trim())) {
    const text = value.trim().replace(/^\+/, "");
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  }
  const number = Math.trunc(toNumber(value));
  return Number.isFinite(number) ? number : 0;
}

const toFloat = (value: unknown): number => {
  const number = toNumber(value);
  return Number.isFinite(number) ? number : 0;
};

/** What makes each type of any value. */
export const converters: Record<(typeof types)[number], (value: unknown) => unknown> = {
  int: toInteger,
  int64: toInteger,
  float: toFloat,
  float64: toFloat,
  string: textOf,
  bool: (value) => (typeof value === "boolean" ? value : TRUE.has(textOf(value).trim())),
  "[]string": (value) => (Array.isArray(value) ? value.map(textOf) : [textOf(value)]),
};

export function compileCast({ fields, to }: z.infer<typeof cast>): RunStep {
  const convert = converters[to];
  const paths = compileFields(fields);
  return ({ root }) => {
    let found = false;
    for (const path of paths) {
      const value = path.read(root);
      if (value === undefined) continue;
      found = true;
      path.write(root, convert(value));
    }
    return found ? undefined : "missed";
  };
}
