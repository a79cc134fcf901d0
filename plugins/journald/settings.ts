import { z } from "zod";

const MiB = 2 ** 20;
const path = z.string().min(1).max(4_096);
const word = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\s\0]+$/, "Expected a name without spaces");
const priorities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

/** Settings of the `journald` input. */
export const settings = z
  .strictObject({
    format: z
      .enum(["json", "message", "syslog"])
      .default("json")
      .describe(
        "What a log is: `json`, all fields of the entry; `message`, its text; `syslog`, the line that a syslog file would hold, which pipelines such as `sshd` read.",
      ),
    units: z
      .array(word)
      .max(256)
      .default([])
      .describe("Only entries of these units, such as `ssh.service`; * and ? are allowed."),
    identifiers: z
      .array(word)
      .max(256)
      .default([])
      .describe("Only entries of these programs (SYSLOG_IDENTIFIER)."),
    priority: z
      .enum(priorities)
      .default("debug")
      .describe("Least severe entries to take: " + priorities.join(", ") + "."),
    matches: z
      .array(z.string().regex(/^[A-Z_][A-Z0-9_]{0,63}=[^\0\n]{0,1000}$/, "Expected FIELD=value"))
      .max(64)
      .default([])
      .describe(
        "Only entries with these fields, as `journalctl` reads them: `_UID=0`; the same field twice means either.",
      ),
    directory: path.optional().describe("Folder of journal files to read in place of this host's journal."),
    files: z
      .array(path)
      .max(64)
      .default([])
      .describe("Journal files to read in place of this host's journal; * and ? are allowed in names."),
    namespace: word.optional().describe("Journal namespace to read."),
    startAt: z
      .enum(["beginning", "end"])
      .default("beginning")
      .describe("Where to begin at the first start: with the oldest entry, or with the next."),
    maxFieldBytes: z
      .int()
      .min(1_024)
      .max(4 * MiB)
      .default(256 * 1_024)
      .describe("Longer values of an entry are cut here, flagged and counted."),
    journalctl: path.default("journalctl").describe("The program to read with."),
    restartSeconds: z
      .number()
      .min(0.1)
      .max(3_600)
      .default(1)
      .describe("Shortest wait before `journalctl` is started again; it doubles with each failure."),
    maxRestartSeconds: z.number().min(0.1).max(3_600).default(60).describe("Longest wait before it."),
  })
  .superRefine(({ directory, files, namespace }, context) => {
    if ([directory, files[0], namespace].filter((value) => value !== undefined).length < 2) return;
    const message = "Of directory, files and namespace only one can be set.";
    context.addIssue({ code: "custom", message, path: ["directory"], input: directory });
  });

export type Settings = z.infer<typeof settings>;
