import { z } from "zod";

const name = z.string().min(1).max(200);
const names = z.union([name.transform((each) => [each]), z.array(name).min(1).max(100)]);
const path = z.string().min(1).max(500);
const paths = z.union([path.transform((each) => [each]), z.array(path).min(1).max(16)]);

const scope = z
  .strictObject({
    product: names.optional().describe("Products of a log source, one of which must be the rule's."),
    category: names.optional().describe("Its categories."),
    service: names.optional().describe("Its services."),
  })
  .describe("Rules it is for; all where nothing is named.");
export type Scope = z.infer<typeof scope>;
const when = scope.default({});

/** How Sigma rules meet the events of this product: what pySigma calls a processing pipeline. */
export const mappingFile = z.strictObject({
  sigmaMapping: name.describe("Name of the mapping, for messages."),
  priority: z
    .int()
    .min(0)
    .max(1_000)
    .default(50)
    .describe("Of several mappings the one with the lowest number is asked first; the built-in one has 100."),
  logsources: z
    .array(
      z.strictObject({
        when: scope,
        dataTypes: z.array(name).min(1).max(100).describe("Data types of such events; `*` for all."),
        add: z
          .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).min(1)])
          .optional()
          .describe(
            "Further conditions, written as in a detection: a map of which all hold, or a list of such.",
          ),
      }),
    )
    .max(1_000)
    .default([])
    .describe("Where the events of a log source are. The first that fits counts."),
  fields: z
    .array(
      z.strictObject({
        when,
        map: z.record(name, paths).default({}).describe("Field of a rule: its path or paths in an event."),
        otherwise: z
          .array(path)
          .max(16)
          .optional()
          .describe("Paths of every other field, in which `{field}` stands for its name."),
      }),
    )
    .max(1_000)
    .default([])
    .describe("Where fields are. A field with several paths holds where one of them does."),
  values: z
    .array(
      z.strictObject({
        when,
        field: name,
        map: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    )
    .max(1_000)
    .default([])
    .describe("Values that events write otherwise than rules."),
  keywords: z
    .array(z.strictObject({ when, paths }))
    .max(100)
    .default([])
    .describe("Where values without a field are looked for; in `raw` where nothing is said."),
  placeholders: z
    .record(name, z.array(z.string().max(2_000)).max(10_000))
    .default({})
    .describe("Values of `%name%` for the modifier `expand`."),
});
export type MappingFile = z.infer<typeof mappingFile>;
