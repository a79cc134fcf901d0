import { z } from "zod";
import { hostEntry } from "./hosts.ts";

const path = z
  .string()
  .max(4_096)
  .regex(/^\/[^\0\n]*$/, "Expected an absolute path");

const host = z
  .string()
  .max(300)
  .refine(
    (text) => hostEntry(text) !== undefined,
    "Expected a host and a port, such as api.example.com:443, *.example.com, 10.0.0.0/8:8089 or [2001:db8::1]:443",
  );

const rule = z.strictObject({
  network: z
    .enum(["open", "none"])
    .optional()
    .describe(
      "`none` gives the program a network of its own with nothing in it; sockets in its work folder still work. Default: `open`, or with `hosts` a network with only those.",
    ),
  hosts: z
    .array(host)
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Hosts that the program may reach: names, `*.` and a domain, addresses and ranges, each with a port (443 where none is said). It gets a network of its own with nothing in it but a proxy for HTTP and CONNECT to them, which `HTTP_PROXY` and `HTTPS_PROXY` name. Not with `network`, and not in the rule `*`.",
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
      .superRefine((rules, context) => {
        const wrong = (name: string, message: string): void =>
          context.addIssue({ code: "custom", path: [name, "hosts"], message });
        for (const [name, { hosts, network }] of Object.entries(rules)) {
          if (hosts && network) wrong(name, "Give either `network` or `hosts`");
          if (hosts && name === "*") wrong(name, "Each plugin needs hosts of its own; name the plugin");
        }
      })
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
  rules[name] ?? rules["*"] ?? { settings: [] };
