import type { z } from "zod";
import { inputSchema, keyTable } from "./key-table.ts";

/** docs/reference/config.md, printed from the schema of vedette.yaml. */
export const configPage = (schema: z.ZodType): string => {
  const json = inputSchema(schema);
  const sections = Object.entries(json.properties ?? {}).flatMap(([name, section]) => [
    "",
    `## \`${name}\``,
    "",
    ...(section.description === undefined ? [] : [section.description, ""]),
    ...keyTable(section, name),
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
