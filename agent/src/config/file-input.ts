import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { commonKeys } from "../common-keys.ts";
import { compileExclude, compileGlob } from "../input/index.ts";
import { multiline } from "./multiline.ts";

const MiB = 2 ** 20;

const globs = z.array(z.string().min(1).max(4_096)).superRefine((patterns, context) => {
  for (const [index, pattern] of patterns.entries()) {
    try {
      compileGlob(pattern);
      compileExclude([pattern]);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error), path: [index], input: pattern });
    }
  }
});

/** Reads files and follows them as they grow. */
export const fileInput = z.strictObject({
  type: z.literal("file").describe("Reads files and follows them as they grow."),
  include: globs
    .min(1)
    .describe(
      "Files to follow: paths or patterns with *, **, ? and {a,b}. Relative to the configuration file.",
    ),
  exclude: globs
    .default([])
    .describe(
      "Files to leave out. A pattern with a slash is matched against the path, one without against the name.",
    ),
  ...commonKeys,
  compressed: z
    .enum(["rotated", "all", "off"])
    .default("rotated")
    .describe(
      "Which .gz and .zst files are read. `rotated`: what followed files had left unread when rotation compressed them. `all`: also those that `include` names, once and whole. `off`: none.",
    ),
  multiline,
  startAt: z
    .enum(["beginning", "end"])
    .default("beginning")
    .describe("Where to begin with files that exist at the first start. Later files are read whole."),
  maxLineBytes: z
    .int()
    .min(1_024)
    .max(4 * MiB)
    .default(MiB)
    .describe("Longer lines are cut here, flagged and counted."),
  pollSeconds: z
    .number()
    .min(0.01)
    .max(60)
    .default(1)
    .describe("Longest time until a change is seen where the system sends no notification."),
  idlePollSeconds: z
    .number()
    .min(0.01)
    .max(600)
    .default(5)
    .describe(
      "The same for files that have not changed for a while. Six times as long where the system tells of changes and the file system is a local one.",
    ),
  closeAfterSeconds: z
    .number()
    .min(0.01)
    .max(86_400)
    .default(60)
    .describe(
      "How long a renamed or deleted file is kept open after its last growth; a last line without end is then taken.",
    ),
  maxOpenFiles: z
    .int()
    .min(16)
    .max(1_000_000)
    .default(100_000)
    .describe(
      "Files this input holds open. Those beyond that were quiet for longest are closed until they change; what is written to such a file and deleted before it was looked at again is lost. The process's own limit (ulimit -n) holds as well.",
    ),
  maxFiles: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe("Files this input follows at the same time."),
});

export type FileInputConfig = z.infer<typeof fileInput>;
