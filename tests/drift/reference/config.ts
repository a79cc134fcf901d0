import type { z } from "zod";
import { inputSchema, type JsonSchema, keyTable, kindsOf } from "./key-table.ts";

/** The lists of a section whose items differ by `type`: a table for each kind. */
const kindSections = (section: JsonSchema, name: string): string[] =>
  Object.entries(section.properties ?? {}).flatMap(([key, list]) =>
    kindsOf(list.items ?? {}).flatMap((kind) => [
      "",
      `### \`${name}.${key}[]\` of type \`${kind.name}\``,
      "",
      kind.description,
      "",
      ...keyTable(kind.own, `${name}.${key}[]`),
    ]),
  );

/** docs/reference/config.md, printed from the schema of vedette.yaml. */
export const configPage = (schema: z.ZodType): string => {
  const json = inputSchema(schema);
  const sections = Object.entries(json.properties ?? {}).flatMap(([name, section]) => [
    "",
    `## \`${name}\``,
    "",
    ...(section.description === undefined ? [] : [section.description, ""]),
    ...keyTable(section, name),
    ...kindSections(section, name),
  ]);
  return `${[
    "# Configuration",
    "",
    "<!-- Printed from the schemas of agent and collector; `npm run reference` writes it again. -->",
    "",
    "One YAML file, `vedette.yaml`, with a section for each program. Everything has a default, so the smallest file is",
    "an empty one. A key that does not exist is an error, named with file, line and column; `vedette check` looks",
    "without starting anything. `${NAME}` takes a value from the environment.",
    ...sections,
  ].join("\n")}\n`;
};
