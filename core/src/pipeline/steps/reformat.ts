import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { compileFormat, compileParse } from "../time/index.ts";
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

export function compileReformat({ fields, fromFormat, toFormat }: z.infer<typeof reformat>): RunStep {
  checkLayout(fromFormat, ["fromFormat"]);
  checkLayout(toFormat, ["toFormat"]);
  const parse = compileParse(fromFormat);
  const hint = layoutHint(fromFormat);
  const format = compileFormat(toFormat);
  const paths = compileFields(fields);
  // Neighbouring logs mostly carry the same second, so the last answer is kept; the day of reading is part of it.
  let lastText = "";
  let lastDay = "";
  let lastResult = "";
  return ({ root }) => {
    const read = root["@timestamp"] as string;
    const day = read.slice(0, 10);
    let found = false;
    for (const path of paths) {
      const value = path.read(root);
      if (value === undefined) continue;
      found = true;
      const text = textOf(value).trim();
      if (text !== lastText || day !== lastDay || lastResult === "") {
        const moment = parse(text, Date.parse(read));
        if (!moment) throw new Error(`"${path.text}" does not have the form "${fromFormat}".${hint}`);
        lastResult = format(moment);
        lastText = text;
        lastDay = day;
      }
      path.write(root, lastResult);
    }
    return found ? undefined : "missed";
  };
}
