import type { z } from "zod";
import { inputSchema, keyTable } from "./key-table.ts";

interface Schemas {
  readonly workflow: z.ZodType;
  readonly steps: readonly z.ZodType[];
  readonly triggers: readonly z.ZodType[];
}

/** docs/reference/workflows.md, printed from the schemas of workflows, triggers and steps. */
export const workflowsPage = ({ workflow, steps, triggers }: Schemas): string =>
  `${[
    "# Workflows",
    "",
    "<!-- Printed from the schemas of workflows; `npm run reference` writes it again. -->",
    "",
    "How to write one is in [the guide](../guide/workflows.md), what expressions and templates mean in [its language](../guide/workflow-language.md).",
    "",
    "## Workflow",
    "",
    ...keyTable(withoutNested(inputSchema(workflow)), ""),
    ...section("Triggers", triggers),
    ...section("Steps", steps),
  ].join("\n")}\n`;

/** A section with a heading and a table for each kind. */
function section(title: string, kinds: readonly z.ZodType[]): string[] {
  return [
    "",
    `## ${title}`,
    ...kinds.flatMap((kind) => {
      const schema = inputSchema(kind) as { properties: { type: { const: string } }; description?: string };
      return [
        "",
        `### ${schema.properties.type.const}`,
        "",
        schema.description ?? "",
        "",
        ...keyTable(withoutNested(schema), ""),
      ];
    }),
  ];
}

/** Steps and triggers inside are described by themselves. */
function withoutNested<T>(schema: T): T {
  const walk = (value: unknown, key?: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => walk(each));
    if (typeof value !== "object" || value === null) return value;
    if (key === "steps" || key === "triggers") {
      const { description } = value as { description?: string };
      return { type: "array", ...(description === undefined ? {} : { description }) };
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]));
  };
  return walk(schema) as T;
}
