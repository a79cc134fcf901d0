import type { z } from "zod";
import { inputSchema, keyTable } from "./key-table.ts";

/** docs/reference/sigma-mappings.md, printed from the schema of a mapping. */
export const sigmaMappingsPage = (mapping: z.ZodType): string =>
  `${[
    "# Sigma mappings",
    "",
    "<!-- Printed from the schema of a mapping; `npm run reference` writes it again. -->",
    "",
    "A mapping lies among the rules and says where the events of Sigma's log sources are, and where its fields are in them.",
    "[Sigma rules](../guide/sigma.md) shows one.",
    "",
    ...keyTable(inputSchema(mapping), ""),
  ].join("\n")}\n`;
