import { expect, it } from "vitest";
import { parseSource } from "../config/index.ts";
import { compilePipelines } from "../pipeline/index.ts";
import { explainBlocks } from "./explain.ts";

const explain = (steps: string, lines: string[]) => {
  const source = parseSource(`pipeline:\n  - dataTypes: [gate]\n    steps:\n${steps}`, "gate.yaml");
  return explainBlocks(compilePipelines([source]), "gate", lines, "2026-01-15T12:00:00Z");
};
const grok =
  "      - grok: {patterns: [{fieldName: action, pattern: '[a-z]+ '}, {fieldName: log.rest, pattern: '.*'}]}\n";

it("tells which lines are read one by one, and after which step", () => {
  const xml = '      - xml: {source: log.rest, where: \'startsWith("log.rest", "<")\'}\n';
  const port = '      - rename: {from: [log.rest], to: origin.port, where: \'equals("action", "port")\'}\n';
  const lines = ["open gate", "open <a/>", "port x", "port 7", "open gate again", "\u00e9"];
  expect(explain(grok + xml + port, lines)).toEqual({
    dataType: "gate",
    noBlock: undefined,
    lines: 6,
    alone: 3,
    left: [
      { where: "the line itself", lines: 1 },
      { where: "Step 2 (xml) at gate.yaml:5", lines: 1 },
      { where: "the value of origin.port", lines: 1 },
    ],
  });
});

it("tells why all lines are read one by one", () => {
  expect(explain(`${grok}      - xml: {source: log.rest}\n`, ["open <a/>"])).toMatchObject({
    noBlock: { step: "Step 2 (xml) at gate.yaml:5", why: expect.stringContaining("has no form for blocks") },
    alone: 1,
  });
  expect(
    explain(
      `${grok}      - add: {function: string, params: {key: action, value: x}, where: 'equals("log.a.0", "x")'}\n`,
      [],
    ),
  ).toMatchObject({
    noBlock: { why: 'its condition has no form for blocks: it reads "log.a.0"' },
  });
});
