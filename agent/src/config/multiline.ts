import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { joinRule } from "../input/index.ts";

const MiB = 2 ** 20;
const pattern = z.string().min(1).max(1_000).optional();

/** Joins lines that belong together into one event. */
export const multiline = z
  .strictObject({
    preset: z
      .enum(["java", "python", "go", "indented", "cri", "docker"])
      .optional()
      .describe(
        "Stack traces of `java`, `python` and `go`; lines that are `indented`; parts of a line as Kubernetes (`cri`) and `docker` write them.",
      ),
    start: pattern.describe("An event begins with each line in which this expression (Go syntax) is found."),
    continuation: pattern.describe("A line in which this is found belongs to the event before."),
    end: pattern.describe("An event ends with each line in which this is found."),
    negate: z.boolean().default(false).describe("Take the lines in which the expression is not found."),
    maxLines: z
      .int()
      .min(2)
      .max(10_000)
      .default(500)
      .describe("Lines after which an event ends; the rest is the next one."),
    maxBytes: z
      .int()
      .min(1_024)
      .max(4 * MiB)
      .default(MiB / 4)
      .describe("Size at which an event ends, in characters; the rest is the next one."),
    timeoutSeconds: z
      .number()
      .min(0.05)
      .max(600)
      .default(2)
      .describe("An event to which no line has come for so long ends."),
  })
  .superRefine((settings, context) => {
    const { preset, start, continuation, end } = settings;
    if ([preset, start, continuation, end].filter((each) => each !== undefined).length !== 1) {
      const message = "Expected exactly one of preset, start, continuation and end";
      context.addIssue({ code: "custom", message, input: settings });
      return;
    }
    try {
      joinRule({ ...settings, timeoutMs: 0 });
    } catch (error) {
      const key = (["start", "continuation", "end"] as const).find((each) => settings[each] !== undefined);
      const input = key && settings[key];
      context.addIssue({ code: "custom", message: messageOf(error), path: key ? [key] : [], input });
    }
  })
  .optional()
  .describe("Makes one event of several lines. Off by default.");
