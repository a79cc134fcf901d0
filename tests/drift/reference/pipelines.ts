import type { z } from "zod";
import { inputSchema, type JsonSchema, keyTable } from "./key-table.ts";

interface Parts {
  readonly file: z.ZodType;
  readonly stepKinds: readonly string[];
  /** How each function is called. */
  readonly functions: readonly string[];
  readonly patterns: Readonly<Record<string, string>>;
}

/** The kinds of steps. Steps inside steps are named instead of told again. */
const stepsOf = (file: JsonSchema): Readonly<Record<string, JsonSchema>> => {
  const item = file.properties?.pipeline?.items?.properties?.steps?.items;
  const kinds = file.$defs?.[item?.$ref?.split("/").at(-1) ?? ""]?.properties ?? {};
  const named = JSON.stringify(kinds).replaceAll(JSON.stringify(item), '{"type":"steps"}');
  return JSON.parse(named) as Readonly<Record<string, JsonSchema>>;
};

/** Keys that every step has. */
const common = ["where", "onError"];

const split = (schema: JsonSchema): { readonly own: JsonSchema; readonly shared: JsonSchema } => {
  const entries = Object.entries(schema.properties ?? {});
  const isShared = ([key]: [string, JsonSchema]): boolean =>
    common.includes(key) && !schema.required?.includes(key);
  return {
    own: { ...schema, properties: Object.fromEntries(entries.filter((entry) => !isShared(entry))) },
    shared: { properties: Object.fromEntries(entries.filter(isShared)) },
  };
};

const cell = (text: string): string => `\`\` ${text.replaceAll("|", "\\|")} \`\``;

/** docs/reference/pipelines.md, printed from the schema of a pipeline file, the functions and the patterns. */
export const pipelinesPage = ({ file, stepKinds, functions, patterns }: Parts): string => {
  const json = inputSchema(file);
  const steps = stepsOf(json);
  const { pipeline: _, ...others } = json.properties ?? {};
  return `${[
    "# Pipelines",
    "",
    "<!-- Printed from the schema of a pipeline file; `npm run reference` writes it again. -->",
    "",
    "A pipeline file is in the format of the EventProcessor. Each stage whose `dataTypes` hold the log's type runs, in the",
    "order of files and stages. A log is `id, dataType, dataSource, @timestamp, tenantId, raw`; steps add to it; what results",
    "must fit [the event schema](event-schema.md). What does not fit is kept below `log.` with an entry in `errors`.",
    "`raw` and `@timestamp` cannot be written. A step that fails leaves an entry in `errors`, and the next one runs.",
    "",
    "A step takes apart at most 1,048,576 characters, a regular expression that is not proved to be fast 65,536. A step that",
    "was too slow (25 ms and 0.25 µs a character, CPU time) on 16 lines of more than 4,096 characters is left out for such",
    "lines; the agent warns once, and each of them has an entry in `errors`.",
    "",
    "```yaml",
    "pipeline:",
    "  - dataTypes: [my_app]",
    "    steps:",
    "      - json: { source: raw }",
    "      - rename: { from: [log.client], to: origin.ip }",
    "      - cast: { fields: [log.status], to: int }",
    "      - add:",
    "          function: string",
    "          params: { key: severity, value: high }",
    '          where: greaterOrEqual("log.status", 500)',
    "```",
    "",
    "## Steps",
    "",
    "Every step may also have:",
    "",
    ...keyTable(split(steps.json ?? {}).shared, ""),
    ...stepKinds.flatMap((kind) => {
      const schema = steps[kind];
      if (!schema) return [];
      const meaning = schema.description === undefined ? [] : [schema.description, ""];
      return ["", `### \`${kind}\``, "", ...meaning, ...keyTable(split(schema).own, "")];
    }),
    "",
    "## Functions",
    "",
    "`where` is a CEL expression. Beside CEL's own operators, `has()`, `in`, `size()` and methods of text and lists there are",
    "functions of a path; an absent field is false for all of them but `safe`.",
    "",
    ...functions.map((usage) => `- \`${usage}\``),
    "",
    "## Patterns",
    "",
    "Regular expressions are RE2's. `{{.name}}` stands for a named pattern: one of the file's `patterns`, or of these.",
    "",
    "| Name | Expression |",
    "|---|---|",
    ...Object.entries(patterns).map(([name, expression]) => `| \`${name}\` | ${cell(expression)} |`),
    "",
    "## Other sections",
    "",
    ...keyTable({ properties: others }, ""),
  ].join("\n")}\n`;
};
