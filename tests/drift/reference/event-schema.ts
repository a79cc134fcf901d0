import { alert, event, eventFields, type Field, severities } from "@vedette/sdk";
import { z } from "zod";

const kinds: Record<Field["kind"], string> = {
  text: "text",
  time: "time (RFC 3339)",
  u32: "integer, 32 bits",
  u64: "integer, 64 bits, as text",
  f64: "number",
  texts: "list of text",
  json: "object",
};

const storedIn = (field: Field): string =>
  field.column ? (field.lowCardinality ? "column, few values" : "column") : "`rest`";

const table = (fields: readonly Field[]): string[] => [
  "| Field | Type | Stored in | Meaning |",
  "|---|---|---|---|",
  ...fields.map(
    (field) => `| \`${field.path}\` | ${kinds[field.kind]} | ${storedIn(field)} | ${field.description} |`,
  ),
];

/** docs/reference/event-schema.md, printed from the schema of the sdk. `target` repeats `origin` and is not listed. */
export const eventSchemaPage = (): string => {
  const shared = eventFields.filter(({ path }) => !path.startsWith("target."));
  const side = shared.filter(({ path }) => path.startsWith("origin."));
  const own = shared.filter(({ path }) => !path.startsWith("origin."));
  const severity = severities.map((each) => `\`${each}\``).join(", ");
  return `${[
    "# Event schema",
    "",
    "<!-- Printed from sdk/src/schema; `npm run reference` writes it again. -->",
    "",
    "An event is one parsed, checked log line. Everywhere it leaves Vedette as JSON it has this shape, and the same",
    "dotted paths name a field in the API, in pipelines, in rules and in SQL. Empty values are left out. A field with",
    "a column of its own in ClickHouse is searched fastest; the others share the column `rest`, and what a log has",
    "beyond this schema is kept under `log`, in a column of that name.",
    "",
    "The JSON Schema is [event.schema.json](event.schema.json).",
    "",
    "## The event",
    "",
    ...table(own),
    "",
    `\`severity\` is one of ${severity}.`,
    "",
    "## Its sides: `origin` and `target`",
    "",
    "Who did it and to whom. Both have the same fields, and so has the `adversary` of an alert.",
    "",
    ...table(side),
  ].join("\n")}\n`;
};

const schemaFile = (schema: z.ZodType, title: string): string =>
  `${JSON.stringify({ title, ...z.toJSONSchema(schema, { override: ({ jsonSchema }) => void delete jsonSchema.vedette }) }, null, 2)}\n`;

/** docs/reference/event.schema.json. */
export const eventJsonSchema = (): string => schemaFile(event, "Vedette event");

/** docs/reference/alert.schema.json. */
export const alertJsonSchema = (): string => schemaFile(alert, "Vedette alert");
