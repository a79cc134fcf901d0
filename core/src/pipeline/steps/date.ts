import { z } from "zod";
import { textOf } from "../paths/index.ts";
import { compileDate, compileFormat, dateNames, isRfc3339 } from "../time/index.ts";
import { checkLayout, layoutHint, zoneOf } from "./layout.ts";
import { compileSource, compileTarget, type RunStep } from "./step.ts";
import { where } from "./where.ts";

/** The key that says in which zone a time without an offset is. */
export const timezone = z
  .string()
  .min(1)
  .default("UTC")
  .describe(
    "Zone of times that name none: `UTC`, `local` for the machine's, an offset such as `+02:00`, or a name such as `Europe/Zurich`.",
  );

/** Reads a time in one of several forms and writes it as RFC 3339. */
export const date = z
  .strictObject({
    source: z.string().default("deviceTime").describe("Path of the time."),
    layouts: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(32)
      .describe(
        "Forms to try, in this order: Go layouts such as `02/Jan/2006:15:04:05 -0700`, their names such as `RFC3339`, or `ISO8601`, `UNIX`, `UNIX_MS`.",
      ),
    timezone,
    target: z.string().default("deviceTime").describe("Field to write."),
    where,
  })
  .describe("Reads a time in one of several forms and writes it as RFC 3339.");

const RFC3339_NANO = "RFC3339Nano";
/** Forms whose times may be RFC 3339 as they stand. */
const standard = new Set(["ISO8601", "RFC3339", RFC3339_NANO]);

export function compileDateStep({ source, layouts, timezone, target }: z.infer<typeof date>): RunStep {
  const path = compileSource(source, ["source"]);
  const { write } = compileTarget(target, ["target"]);
  const zone = zoneOf(timezone, ["timezone"]);
  const parsers = layouts.map((layout, index) => {
    checkLayout(layout, ["layouts", index], dateNames);
    return compileDate(layout);
  });
  const format = compileFormat(RFC3339_NANO);
  const [only] = layouts;
  const asItIs = standard.has(only!);
  const forms = layouts.length === 1 ? `the form "${only}".${layoutHint(only!)}` : "any of the forms.";
  // Neighbouring logs mostly carry the same second; the day of reading is part of the answer.
  let lastText = "";
  let lastDay = "";
  let lastResult = "";
  return ({ root }) => {
    const value = path.read(root);
    if (value === undefined) return "missed";
    const text = textOf(value).trim();
    if (asItIs && isRfc3339(text)) {
      write(root, text);
      return undefined;
    }
    const read = root["@timestamp"] as string;
    const day = read.slice(0, 10);
    if (text !== lastText || day !== lastDay || lastResult === "") {
      const near = Date.parse(read);
      let moment: ReturnType<(typeof parsers)[number]>;
      for (const parse of parsers) {
        moment = parse(text, near, zone);
        if (moment) break;
      }
      if (!moment) throw new Error(`"${path.text}" does not have ${forms}`);
      lastResult = format(moment);
      lastText = text;
      lastDay = day;
    }
    write(root, lastResult);
    return undefined;
  };
}
