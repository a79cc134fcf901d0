import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { compileFormat, compileParse, SameMinute } from "../time/index.ts";
import { trimmed } from "./grok.ts";
import { checkLayout, layoutHint } from "./layout.ts";
import { compileFields, type RunStep } from "./step.ts";
import { where } from "./where.ts";

const layout = z.string().min(1).max(128);

/** Writes times in another form. A layout without a year takes the one nearest to when the log was read. */
export const reformat = z
  .strictObject({
    fields: z.array(z.string().min(1)).min(1).describe("Fields to rewrite, where they exist."),
    function: z.literal("time").describe("Always `time`."),
    fromFormat: layout.describe(
      "Go layout of the text, such as `02/Jan/2006:15:04:05 -0700`, or a name such as `RFC3339`.",
    ),
    toFormat: layout.describe(
      "Go layout to write, or a name such as `RFC3339`, `RFC3339Nano` or `UnixMilli`.",
    ),
    where,
  })
  .describe(
    "Writes times in another form. A layout without a year takes the one nearest to when the log was read.",
  );

/** Rewrites one time text; `read` is when the log was read, `name` the field for messages. Throws where the form differs. */
export type Rewrite = (value: unknown, read: string, name: string) => string;

/** Compiles the rewriting of one field. Throws StepError. */
export function compileRewrite({ fromFormat, toFormat }: z.infer<typeof reformat>): Rewrite {
  checkLayout(fromFormat, ["fromFormat"]);
  checkLayout(toFormat, ["toFormat"]);
  const parse = compileParse(fromFormat);
  const hint = layoutHint(fromFormat);
  const format = compileFormat(toFormat);
  // Neighbouring logs mostly carry the same second or minute, so the last answer is kept; the day of reading is part of it.
  const minute = new SameMinute(fromFormat, toFormat);
  let lastText = "";
  let lastRead = "";
  let lastDay = "";
  let lastResult: string | undefined;
  return (value, read, name) => {
    const text = typeof value === "string" ? trimmed(value) : textOf(value).trim();
    if (lastResult !== undefined) {
      const day = read === lastRead ? lastDay : read.slice(0, 10);
      if (day === lastDay) {
        lastRead = read;
        if (text === lastText) return lastResult;
        const result = minute.write(text);
        if (result !== undefined) {
          lastText = text;
          lastResult = result;
          return result;
        }
      }
    }
    const moment = parse(text, Date.parse(read));
    if (!moment) throw new Error(`"${name}" does not have the form "${fromFormat}".${hint}`);
    const result = format(moment);
    minute.keep({ text, moment, result });
    lastResult = result;
    lastText = text;
    lastRead = read;
    lastDay = read.slice(0, 10);
    return result;
  };
}

export function compileReformat(options: z.infer<typeof reformat>): RunStep {
  const rewrite = compileRewrite(options);
  const paths = compileFields(options.fields);
  return ({ root }) => {
    const read = root["@timestamp"] as string;
    let found = false;
    for (const path of paths) {
      const value = path.read(root);
      if (value === undefined) continue;
      found = true;
      path.write(root, rewrite(value, read, path.text));
    }
    return found ? undefined : "missed";
  };
}
