import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configFile } from "../../cli/src/config-file.ts";
import { configPage } from "./reference/config.ts";
import { errorsPage } from "./reference/errors.ts";
import { alertJsonSchema, eventJsonSchema, eventSchemaPage } from "./reference/event-schema.ts";
import { root } from "./repository.ts";

const pages: readonly (readonly [file: string, print: () => string])[] = [
  ["errors.md", errorsPage],
  ["event-schema.md", eventSchemaPage],
  ["event.schema.json", eventJsonSchema],
  ["alert.schema.json", alertJsonSchema],
  ["config.md", () => configPage(configFile)],
];

describe("the reference is what the code says; `npm run reference` prints it again", () => {
  it.each(pages)("docs/reference/%s", async (file, print) => {
    await expect(print()).toMatchFileSnapshot(join(root, "docs", "reference", file));
  });
});
