import { hostPort, isLoopbackAddress, parseAddress } from "@vedette/core/config";
import { messageOf } from "@vedette/sdk";
import { z } from "zod";
import { compileExclude, compileGlob } from "../input/index.ts";

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

const dataType = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, "Expected a name of letters, digits and - _ . :");

/** Reads files and follows them as they grow. */
export const fileInput = z.strictObject({
  type: z.literal("file").describe("Kind of input."),
  include: globs
    .min(1)
    .describe(
      "Files to follow: paths or patterns with *, **, ? and {a,b}. Relative to the configuration file.",
    ),
  exclude: globs
    .default(["*.gz", "*.zst", "*.xz", "*.bz2", "*.lz4", "*.zip"])
    .describe(
      "Files to leave out. A pattern with a slash is matched against the path, one without against the name.",
    ),
  dataType: dataType.describe("Kind of log, which selects pipelines and rules, such as `nginx`."),
  dataSource: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("Host the logs come from. Default: this host's name."),
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
    .describe("The same for files that have not changed for a while."),
  closeAfterSeconds: z
    .number()
    .min(0.01)
    .max(86_400)
    .default(60)
    .describe(
      "How long a renamed or deleted file is kept open after its last growth; a last line without end is then taken.",
    ),
  maxFiles: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe("Files this input follows at the same time."),
});

const collector = z
  .strictObject({
    address: hostPort.default("127.0.0.1:8601").describe("Where the collector takes batches (gRPC)."),
    window: z
      .int()
      .min(1)
      .max(1_024)
      .default(64)
      .describe("Most batches sent and not yet acknowledged; the collector may allow fewer."),
    ackTimeoutSeconds: z
      .number()
      .min(1)
      .max(3_600)
      .default(60)
      .describe("After this time without any acknowledgement the connection is made anew."),
    dangerouslyAllowPlaintext: z
      .boolean()
      .default(false)
      .describe(
        "Ship without TLS to an address other than loopback. Test benches and private networks only.",
      ),
  })
  .superRefine(({ address, dangerouslyAllowPlaintext }, context) => {
    if (dangerouslyAllowPlaintext || isLoopbackAddress(address)) return;
    const message = `Logs would travel unprotected to ${parseAddress(address).host}; only loopback is allowed without TLS.`;
    context.addIssue({ code: "custom", message, path: ["address"], input: address });
  });

/** The `agent:` section of vedette.yaml. */
export const agentConfig = z.strictObject({
  agentId: z
    .string()
    .regex(/^[\w.:@-]{1,200}$/, "Expected up to 200 letters, digits and . : @ _ -")
    .optional()
    .describe(
      "Name of this agent, stable for ever. Default: made from the host's name and kept in `stateDir`.",
    ),
  stateDir: z
    .string()
    .min(1)
    .default("vedette-data/agent")
    .describe("Folder for the spool and for what is known of files. Created with mode 0700."),
  inputs: z.array(fileInput).max(1_000).default([]).describe("What is read on this host."),
  pipelines: z
    .array(z.string().min(1))
    .default([])
    .describe("Pipeline files or folders. They take the place of the built-in ones for their data types."),
  builtinPipelines: z.boolean().default(true).describe("Load the pipelines that come with the plugins."),
  batch: z
    .strictObject({
      rows: z.int().min(1).max(100_000).default(10_000).describe("Events after which a batch is sealed."),
      bytes: z
        .int()
        .min(1_024)
        .max(16 * MiB)
        .default(4 * MiB)
        .describe("Uncompressed bytes after which a batch is sealed."),
      seconds: z.number().min(0.01).max(60).default(1).describe("Age after which a batch is sealed."),
    })
    .prefault({})
    .describe("A batch is sealed at whichever limit it reaches first."),
  spool: z
    .strictObject({
      maxBytes: z
        .int()
        .min(8 * MiB)
        .default(512 * MiB)
        .describe("Most disk that waiting batches take."),
      onFull: z
        .enum(["block", "dropOldest"])
        .default("block")
        .describe(
          "`block` stops reading until there is room; `dropOldest` loses the oldest batches and counts them.",
        ),
    })
    .prefault({}),
  collector: collector.prefault({}),
  http: z
    .strictObject({
      listen: hostPort
        .refine((address) => isLoopbackAddress(address), "Only a loopback address is allowed here")
        .optional()
        .describe("Where /metrics and /healthz answer, such as 127.0.0.1:8602. Off by default."),
    })
    .prefault({}),
  log: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least severe log line that is written."),
});

export type AgentConfig = z.infer<typeof agentConfig>;
export type FileInputConfig = z.infer<typeof fileInput>;
