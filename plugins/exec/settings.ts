import { z } from "zod";

const MiB = 2 ** 20;

const text = z
  .string()
  .max(32_768)
  .refine((value) => !value.includes("\0"), "Expected no zero byte");
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "Expected the name of a variable");

/** Settings of the `exec` input. */
export const settings = z.strictObject({
  command: z
    .array(text)
    .min(1)
    .max(256)
    .refine((argv) => argv[0] !== "", "Expected the program as the first item")
    .describe("The program and its arguments, one item each. No shell reads them."),
  mode: z
    .enum(["interval", "stream"])
    .default("interval")
    .describe(
      "`interval` runs the program again and again, `stream` keeps it running and reads what it writes.",
    ),
  everySeconds: z
    .number()
    .min(0.1)
    .max(7 * 86_400)
    .default(60)
    .describe("`interval`: from one start to the next. A run that takes longer is not overtaken."),
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(30)
    .describe("`interval`: a run that takes longer is ended with everything it started."),
  event: z
    .enum(["line", "output"])
    .default("line")
    .describe(
      "`line` makes an event of each line of stdout; `output` (`interval` only) one of all that a run wrote.",
    ),
  maxLineBytes: z
    .int()
    .min(1_024)
    .max(4 * MiB)
    .default(MiB)
    .describe("Longer lines, and longer output as one event, are cut here, flagged and counted."),
  maxOutputBytes: z
    .int()
    .min(1_024)
    .max(64 * MiB)
    .default(4 * MiB)
    .describe("`interval`: a run that writes more is ended; what it wrote so far is taken and flagged."),
  inheritEnv: z
    .array(variable)
    .max(256)
    .default(["PATH", "LANG", "TZ"])
    .describe("Variables of the agent's environment that the program sees. It sees no others."),
  env: z
    .record(variable, text)
    .default({})
    .describe("Variables set for the program. Secrets belong into `${secret:name}`."),
  workingDirectory: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe("Where the program runs. Default: the folder of the configuration file."),
  restartSeconds: z
    .number()
    .min(0.1)
    .max(3_600)
    .default(1)
    .describe("`stream`: shortest wait before the program is started again; it doubles with each failure."),
  maxRestartSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(300)
    .describe("`stream`: longest wait before the program is started again."),
});

export type Settings = z.infer<typeof settings>;
