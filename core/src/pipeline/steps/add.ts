import { createHash } from "node:crypto";
import { z } from "zod";
import { type JsonObject, textOf } from "../paths/index.ts";
import { compileFormat, compileParse } from "../time/index.ts";
import { checkLayout } from "./layout.ts";
import { compileSource, compileTarget, type RunStep, StepError } from "./step.ts";
import { where } from "./where.ts";

const params = z.strictObject({
  key: z.string().min(1).describe("Field to write."),
  value: z.unknown().optional().describe("`string`: what to write; numbers and booleans become text."),
  format: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe("`time`: Go layout or its name; `RFC3339Nano` when left out."),
  fields: z
    .array(z.string().min(1))
    .min(1)
    .max(64)
    .optional()
    .describe("`join`: paths of the texts, in order."),
  separator: z.string().optional().describe("`join`: what stands between two texts; nothing when left out."),
});

/** Writes a text to a field. */
export const add = z
  .strictObject({
    function: z
      .enum(["string", "set", "uuid", "time", "join"])
      .describe(
        "`string`, or its other name `set`: a fixed text. `uuid`: an identifier, the same each time this log is parsed. `time`: when the log was read. `join`: other fields, those that exist.",
      ),
    params: params.describe("What is written where."),
    where,
  })
  .describe("Writes a text to a field.");

type Params = z.infer<typeof params>;
type Options = z.infer<typeof add>;

/** Which parameters each function takes besides `key`; the first ones are needed. */
const takes: Readonly<
  Record<
    Options["function"],
    { readonly needs: readonly (keyof Params)[]; readonly may: readonly (keyof Params)[] }
  >
> = {
  string: { needs: ["value"], may: [] },
  set: { needs: ["value"], may: [] },
  uuid: { needs: [], may: [] },
  time: { needs: [], may: ["format"] },
  join: { needs: ["fields"], may: ["separator"] },
};

function checkParams(options: Options): void {
  const { needs, may } = takes[options.function];
  for (const key of needs)
    if (!(key in options.params))
      throw new StepError(["params"], `The function "${options.function}" needs \`${key}\`.`);
  for (const key of Object.keys(options.params) as (keyof Params)[])
    if (key !== "key" && !needs.includes(key) && !may.includes(key))
      throw new StepError(["params", key], `The function "${options.function}" takes no \`${key}\`.`);
}

/** A version 8 UUID (RFC 9562) made of the log's identifier and the field's name, so that reading a line again gives the same. */
function uuidOf(id: string, key: string): string {
  const hash = createHash("sha256").update(`${id}\0${key}`).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function compileTime(layout: string): (root: JsonObject) => string {
  checkLayout(layout, ["params", "format"]);
  const parse = compileParse("RFC3339Nano");
  const format = compileFormat(layout);
  return (root) => {
    const moment = parse(textOf(root["@timestamp"]), 0);
    if (!moment) throw new Error("The log does not say when it was read.");
    return format(moment);
  };
}

function compileJoin(fields: readonly string[], separator: string): (root: JsonObject) => string | undefined {
  const paths = fields.map((name, index) => compileSource(name, ["params", "fields", index]));
  return (root) => {
    const values = paths.map((path) => path.read(root)).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values.map(textOf).join(separator);
  };
}

function compileValueOf(options: Options): (root: JsonObject) => string | undefined {
  const { key, value, format, fields, separator } = options.params;
  switch (options.function) {
    case "uuid":
      return (root) => uuidOf(textOf(root.id), key);
    case "time":
      return compileTime(format ?? "RFC3339Nano");
    case "join":
      return compileJoin(fields!, separator ?? "");
    default: {
      const text = textOf(value);
      return () => text;
    }
  }
}

export function compileAdd(options: Options): RunStep {
  checkParams(options);
  const target = compileTarget(options.params.key, ["params", "key"]);
  const make = compileValueOf(options);
  return ({ root }) => {
    const value = make(root);
    if (value === undefined) return "missed";
    target.write(root, value);
    return undefined;
  };
}
