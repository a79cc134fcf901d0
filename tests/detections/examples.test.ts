import { fileURLToPath } from "node:url";
import { loadRules } from "@vedette/collector";
import { describe, expect, it } from "vitest";
import { readDetection } from "../../cli/src/rules/test/index.ts";
import { DetectionRun, selectDetections } from "../../cli/src/rules/test/run.ts";

const place = (path: string): string =>
  fileURLToPath(new URL(`../../deploy/examples/rules/${path}`, import.meta.url));
const run = new DetectionRun({ update: false, beside: [] });
const folders = selectDetections([place("tests")]);

describe("rules of the examples", () => {
  it.each(folders)("%s", (folder) => {
    expect(run.run(folder)).toMatchObject({ passed: true, failures: [] });
  });

  it("have each a folder that proves them, a technique and a description", () => {
    const { rules, problems } = loadRules([place("insights.json"), place("opensecdash.yaml")]);
    expect(problems).toEqual([]);
    const telling = rules.filter(({ silent }) => !silent);
    for (const { technique, description } of telling) {
      expect(technique).toMatch(/^T\d{4}/);
      expect(description.length).toBeGreaterThan(60);
    }
    const proved = folders.flatMap((folder) => readDetection(folder).expected ?? []);
    const ids = (of: Iterable<string | undefined>): unknown[] => [...new Set(of)].sort();
    expect(ids(proved.map(({ ruleId }) => ruleId))).toEqual(ids(telling.map(({ id }) => id)));
  });
});
