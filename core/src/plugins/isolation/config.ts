import { z } from "zod";

const path = z
  .string()
  .max(4_096)
  .regex(/^\/[^\0\n]*$/, "Expected an absolute path");

const rule = z.strictObject({
  network: z
    .enum(["open", "none"])
    .default("open")
    .describe(
      "`none` gives the program a network of its own with nothing in it; sockets in its work folder still work.",
    ),
  readable: z
    .array(path)
    .max(100)
    .optional()
    .describe(
      "Folders and files that it may read besides the system's own and its program's folder. Where this or `writable` is given, it sees nothing else of the file system.",
    ),
  writable: z.array(path).max(100).optional().describe("Folders and files that it may change too."),
  settings: z
    .array(z.string().min(1).max(100))
    .max(100)
    .default([])
    .describe("Names of `socketPlugins.settings` that it may read besides its own."),
});

/** `isolation` of an agent or a collector: how plugins that are programs are kept apart. */
export const isolationConfig = z
  .strictObject({
    users: z
      .strictObject({
        first: z.int().min(1_000).max(2_000_000_000).describe("First number of the range."),
        count: z.int().min(1).max(10_000).default(1_000).describe("How many numbers the range has."),
      })
      .describe(
        "Numbers of users and groups that nobody else has: each plugin runs as one of its own and keeps it. Needs root.",
      ),
    dir: path
      .default("/var/lib/vedette-plugins")
      .describe(
        "Where the plugins' own folders are, by their numbers. Everybody may pass through it, so that plugins reach what is theirs. Keep it short: sockets are in it.",
      ),
    rules: z
      .record(z.string().min(1).max(200), rule)
      .default({})
      .describe(
        "What plugins may, by name: that of the program, or of an InsightConnect plugin; `*` for the others.",
      ),
  })
  .describe(
    "Run socket plugins and InsightConnect plugins as users of their own, with rules for files and network (docs/guide/isolation.md). Default: they run as this process does.",
  );

export type IsolationConfig = z.infer<typeof isolationConfig>;
export type IsolationRule = z.infer<typeof rule>;

/** The rule of a plugin. */
export const ruleOf = ({ rules }: IsolationConfig, name: string): IsolationRule =>
  rules[name] ?? rules["*"] ?? { network: "open", settings: [] };
