import { expect, it } from "vitest";
import { shareText } from "./report.ts";

const share = { dataType: "gate", noBlock: undefined, lines: 4, alone: 0, left: [] };

it("says how lines of a data type are read", () => {
  expect(shareText(share)).toBe("gate: many lines are read at once; 0 of 4 (0 %) one by one\n");
  const left = [{ where: `Step 2 (xml) at ${process.cwd()}/gate/pipeline.yaml:7`, lines: 3 }];
  expect(shareText({ ...share, alone: 3, left })).toBe(
    "gate: many lines are read at once; 3 of 4 (75 %) one by one, after:\n  3  Step 2 (xml) at gate/pipeline.yaml:7\n",
  );
  expect(shareText({ ...share, noBlock: { step: "Step 1 (xml) at p.yaml:4", why: "it has no form" } })).toBe(
    "gate: lines are read one by one. Step 1 (xml) at p.yaml:4: it has no form.\n",
  );
});
