import { join } from "node:path";
import { builtinRules, loadRules } from "@vedette/collector";
import { correlationSection, insightRule, mappingFile, ruleFile } from "@vedette/collector/detect";
import { stepDocs, triggerDocs, workflowDoc } from "@vedette/collector/respond";
import { celFunctions, defaultPatterns, pipelineFile, stepKinds } from "@vedette/core/pipeline";
import { describe, expect, it } from "vitest";
import { configFile } from "../../cli/src/config-file.ts";
import { configPage } from "./reference/config.ts";
import { errorsPage } from "./reference/errors.ts";
import { alertJsonSchema, eventJsonSchema, eventSchemaPage } from "./reference/event-schema.ts";
import { iconRulesPage } from "./reference/icon-rules.ts";
import { pipelinesPage } from "./reference/pipelines.ts";
import { rulesPage } from "./reference/rules.ts";
import { shippedRulesPage } from "./reference/shipped-rules.ts";
import { sigmaMappingsPage } from "./reference/sigma-mappings.ts";
import { workflowsPage } from "./reference/workflows.ts";
import { root } from "./repository.ts";

const pages: readonly (readonly [file: string, print: () => string])[] = [
  ["errors.md", errorsPage],
  ["event-schema.md", eventSchemaPage],
  ["event.schema.json", eventJsonSchema],
  ["alert.schema.json", alertJsonSchema],
  ["config.md", () => configPage(configFile)],
  ["rules.md", () => rulesPage(ruleFile, correlationSection, insightRule)],
  ["shipped-rules.md", () => shippedRulesPage(loadRules(builtinRules()).rules)],
  ["sigma-mappings.md", () => sigmaMappingsPage(mappingFile)],
  ["icon-rules.md", iconRulesPage],
  ["workflows.md", () => workflowsPage({ workflow: workflowDoc, steps: stepDocs, triggers: triggerDocs })],
  [
    "pipelines.md",
    () =>
      pipelinesPage({ file: pipelineFile, stepKinds, functions: celFunctions(), patterns: defaultPatterns }),
  ],
];

describe("the reference is what the code says; `npm run reference` prints it again", () => {
  it.each(pages)("docs/reference/%s", async (file, print) => {
    await expect(print()).toMatchFileSnapshot(join(root, "docs", "reference", file));
  });
});
