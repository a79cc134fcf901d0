import { z } from "zod";

const column = z.int().min(1).max(256);

/** A list of addresses, networks, domains and hashes. */
export const intelList = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "A name is made of small letters, digits, - and _")
      .describe("What rules and events call it."),
    file: z.string().min(1).optional().describe("File to read. Relative to the configuration file."),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Where to get it, in place of a file. `collector.egress` says which addresses are open."),
    format: z
      .enum(["text", "csv"])
      .default("text")
      .describe("`text`: an entry a line, the first word counts. `csv`: columns."),
    column: column.default(1).describe("`csv`: column of the entry, from 1."),
    expiresColumn: column
      .optional()
      .describe("`csv`: column with the time until which an entry holds, RFC 3339 or seconds since 1970."),
    refreshMinutes: z
      .int()
      .min(1)
      .max(10_080)
      .default(60)
      .describe("How often the file is looked at or the URL asked. What did not change is not read again."),
    staleHours: z
      .int()
      .min(1)
      .max(8_760)
      .default(168)
      .describe("After so long without an answer from the URL its last copy counts no more."),
    maxMiB: z
      .int()
      .min(1)
      .max(2_048)
      .default(64)
      .describe("Largest file or answer; a larger one is refused whole."),
    maxEntries: z
      .int()
      .min(1)
      .max(50_000_000)
      .default(2_000_000)
      .describe("Entries that are kept, 10 to 60 bytes each; further ones are left out and counted."),
  })
  .refine(({ file, url }) => (file === undefined) !== (url === undefined), {
    error: 'A list has either a "file" or a "url"',
  })
  .refine(
    ({ format, column, expiresColumn }) => format === "csv" || (column === 1 && expiresColumn === undefined),
    {
      error: "Only a list in csv has columns",
    },
  );
export type IntelListConfig = z.infer<typeof intelList>;

/** The `collector.intel` section. */
export const intelConfig = z.strictObject({
  lists: z
    .array(intelList)
    .max(100)
    .default([])
    .refine((lists) => new Set(lists.map(({ name }) => name)).size === lists.length, {
      error: "Two lists have the same name",
    })
    .describe("Lists that addresses, domains and hashes of events are looked for in."),
  fields: z
    .array(
      z
        .string()
        .regex(/^(?:origin|target)\.[A-Za-z0-9.]{1,100}$/, "A field is one of a side, such as origin.ip"),
    )
    .max(32)
    .default([
      "origin.ip",
      "target.ip",
      "origin.domain",
      "target.domain",
      "origin.md5",
      "origin.sha1",
      "origin.sha256",
      "target.md5",
      "target.sha1",
      "target.sha256",
      "target.hash",
    ])
    .describe("Fields of an event that are looked for in all lists."),
});
export type IntelConfig = z.infer<typeof intelConfig>;
