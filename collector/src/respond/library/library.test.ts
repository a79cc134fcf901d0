import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatProblem } from "@vedette/core/config";
import { describe, expect, it } from "vitest";
import { importedDocs, loadWorkflows, parseWorkflows, printWorkflow } from "./index.ts";

const examples = fileURLToPath(new URL("../../../../deploy/examples/workflows/", import.meta.url));
const actions = new Set(["http.request", "address_list/lookup", "slack/post_message"]);

const found = (text: string): string[] =>
  parseWorkflows(text, "w.yaml", { actions }).problems.map((problem) => formatProblem(problem));
const workflow = (steps: string, more = ""): string => `id: w\nname: W\n${more}steps:\n${steps}`;

describe("our examples", () => {
  it("have no mistake", () => {
    const { workflows, problems } = loadWorkflows([examples], { actions });
    expect(problems.filter(({ severity }) => severity !== "warning")).toEqual([]);
    expect(workflows.map(({ workflow: { id } }) => id).sort()).toEqual([
      "answer-brute-force",
      "look-up-an-address",
    ]);
  });

  it("every unresolved thing of an import is named, with its place in the file", () => {
    const file = `${examples}look-up-address.icon`;
    const { problems } = loadWorkflows([file], { actions: new Set(["http.request"]) });
    const line = (text: string): number =>
      readFileSync(file, "utf8")
        .split("\n")
        .findIndex((each) => each.includes(text)) + 1;
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'Chat Command: What started it, "trigger_chatops" "Chat Command", is not carried over: only a person starts it. Add triggers.',
      'Say So.action: There is no action "slack/post_message": the plugin "slack" is not here.',
      'Look Up.action: There is no action "address_list/lookup": the plugin "address_list" is not here.',
    ]);
    const say = problems[1]!;
    // The step's key stands one line above its node id.
    expect(say.line).toBeGreaterThan(line('"steps": {'));
    expect(
      readFileSync(file, "utf8")
        .split("\n")
        .slice(say.line - 1, say.line + 3)
        .join("\n"),
    ).toContain('"Say So"');
  });

  it("mean the same after they were written as our YAML", () => {
    const { docs } = importedDocs(`${examples}look-up-address.icon`);
    const text = docs.map(printWorkflow).join("");
    const again = parseWorkflows(text, "again.yaml", { actions });
    expect(again.problems).toEqual([]);
    expect(again.workflows[0]!.workflow.doc).toEqual(docs[0]);
  });
});

describe("imported steps", () => {
  it("are all there, branches in their order, the default branch last", () => {
    const [doc] = importedDocs(`${examples}look-up-address.icon`).docs;
    expect(doc!.steps.map(({ id, type }) => `${type} ${id}`)).toEqual([
      "patternMatch Read Message",
      "filter Only With Address",
      "lookupGlobalArtifact Known Addresses",
      "loop Try Three Times",
      "decision Is It Listed",
      "humanDecision Remember It",
      "humanDecision Ask In Chat",
      "appendGlobalArtifact Add To Seen",
      "join All Ways Meet",
      "artifact Outcome",
      "action Say So",
    ]);
  });

  it.each<[string, unknown, string]>([
    ["nothing", {}, "The file holds no workflow."],
    [
      "odd steps",
      {
        kom: {
          workflowVersions: [
            {
              name: "x",
              steps: { a: { type: "strange" }, t: { type: "trigger" } },
              graph: { edges: { e: { fromNodeId: "t", toNodeId: "a" } } },
            },
          ],
        },
      },
      'Steps of the type "strange" are not known; it is left out.',
    ],
    [
      "no trigger",
      { kom: { workflowVersions: [{ name: "x", steps: { a: { type: "join" } } }] } },
      "The workflow has no trigger; it begins nowhere.",
    ],
    ["odd values", { kom: { workflowVersions: [5, { steps: [], graph: 7 }] } }, "The workflow has no steps."],
    [
      "an edge to nowhere",
      {
        kom: {
          workflowVersions: [
            {
              steps: { t: { type: "trigger" }, a: { type: "artifact" } },
              graph: {
                edges: { e: { fromNodeId: "t", toNodeId: "a" }, f: { fromNodeId: "a", toNodeId: "zz" } },
              },
            },
          ],
        },
      },
      "An edge leads to zz, which is not in the file.",
    ],
    [
      "a text about a step that is gone",
      {
        kom: {
          workflowVersions: [
            {
              steps: {
                t: { type: "trigger" },
                a: {
                  type: "artifact",
                  parameters: { input: { content: "{{[00000000-1111-2222-3333-444444444444].[x]}}" } },
                },
              },
              graph: { edges: { e: { fromNodeId: "t", toNodeId: "a" } } },
            },
          ],
        },
      },
      "A text refers to the step 00000000-1111-2222-3333-444444444444, which is not in the file.",
    ],
  ])("%s", (_, content, message) => {
    const { problems } = parseWorkflows(JSON.stringify(content), "x.icon");
    expect(problems.map((each) => each.message)).toContain(message);
  });
});

describe("vedette workflow check", () => {
  it.each<[string, string, string[]]>([
    [
      "an unknown reference",
      workflow(
        "  - { id: A, type: artifact, content: 'x {{[Bee].[x]}}' }\n  - { id: Be, type: artifact, content: y }\n",
      ),
      ['w.yaml:4:44: steps[0].content: There is no step "Bee". Did you mean "Be"?'],
    ],
    [
      "an unknown action",
      workflow("  - { id: A, type: action, action: http.reqest }\n"),
      ['w.yaml:4:36: steps[0].action: There is no action "http.reqest". Did you mean "http.request"?'],
    ],
    [
      "a step nothing leads to",
      workflow(
        "  - { id: A, type: artifact, content: x, next: end }\n  - { id: B, type: artifact, content: x }\n",
      ),
      ["w.yaml:5:5: steps[1]: Nothing leads to this step."],
    ],
    [
      "no default branch",
      workflow("  - { id: A, type: decision, branches: [{ if: 'true' }] }\n"),
      [
        "w.yaml:4:5: steps[0]: The decision has no default branch. Write default: {}, which goes on with what follows, or default: {next: end}.",
      ],
    ],
    [
      "an expression",
      workflow("  - id: A\n    type: filter\n    if: 'lenght({{[trigger].[x]}}) > 1'\n"),
      ['w.yaml:6:10: steps[0].if: Unknown function "lenght". Did you mean "length"?'],
    ],
    [
      "a template",
      workflow("  - { id: A, type: artifact, content: '{{#if [trigger].[x]}}' }\n"),
      ["w.yaml:4:43: steps[0].content: The block {{#if}} is not closed. Write {{/if}}."],
    ],
    [
      "a pattern",
      workflow("  - { id: A, type: patternMatch, text: x, pattern: 'no hole' }\n"),
      [
        "w.yaml:4:53: steps[0].pattern: The pattern has no name. Write {{name:/expression/}} where something is to be read.",
      ],
    ],
    [
      "a target",
      workflow("  - { id: Ask, type: artifact, content: x, next: Aks }\n"),
      ['w.yaml:4:50: steps[0].next: There is no step "Aks". Did you mean "Ask"?'],
    ],
    [
      "a way back",
      workflow(
        "  - { id: A, type: artifact, content: x }\n  - { id: B, type: artifact, content: x, next: A }\n",
      ),
      ['w.yaml:4:5: steps[0]: The steps after "A" lead back to it. Repeat with a loop.'],
    ],
    [
      "a step that comes later",
      workflow(
        "  - { id: A, type: artifact, content: '{{[B].[content]}}' }\n  - { id: B, type: artifact, content: x }\n",
      ),
      ['w.yaml:4:42: steps[0].content: The step "B" cannot have run before "A".'],
    ],
    [
      "the inside of a loop",
      workflow(
        "  - id: L\n    type: loop\n    times: 2\n    steps:\n      - { id: A, type: artifact, content: '{{[L].[$item]}}{{[$index]}}' }\n  - { id: B, type: artifact, content: '{{[A].[content]}} {{[$item]}}' }\n",
      ),
      [
        'w.yaml:9:42: steps[1].content: The step "A" is inside of "L"; outside nothing is known of it. Collect it with the loop\'s outputs.',
        "w.yaml:9:60: steps[1].content: $item is known in a loop only.",
      ],
    ],
    [
      "branches side by side",
      workflow(
        "  - id: P\n    type: parallel\n    branches:\n      - { name: x, steps: [{ id: X, type: set, values: { a: 1 } }] }\n      - { name: y, steps: [{ id: Y, type: set, values: { a: '{{[X].[a]}}' } }] }\n  - { id: Z, type: set, values: { a: '{{[X].[a]}}{{[Y].[a]}}' } }\n",
      ),
      ['w.yaml:8:64: steps[0].branches[1].steps[0].values.a: The step "X" runs beside "Y", not before it.'],
    ],
    [
      "a parameter",
      workflow(
        "  - { id: A, type: artifact, content: '{{[$workflow].[chanel]}}' }\n",
        "parameters: { channel: { default: x } }\n",
      ),
      ['w.yaml:5:42: steps[0].content: The workflow has no parameter "chanel". Did you mean "channel"?'],
    ],
    [
      "two of one name",
      workflow("  - { id: A, type: artifact, content: x }\n  - { id: A, type: artifact, content: x }\n"),
      ['w.yaml:5:11: steps[1].id: Another step is called "A" too.'],
    ],
    [
      "a break without a loop",
      workflow("  - { id: A, type: break, if: 'true' }\n"),
      ["w.yaml:4:5: steps[0]: A break stands in a loop."],
    ],
    [
      "a schedule and an event filter",
      workflow(
        "  - { id: A, type: artifact, content: x }\n",
        "triggers:\n  - { type: schedule, cron: '61 * * * *' }\n  - { type: event, where: 'origin.ip = 1' }\n",
      ),
      [
        'w.yaml:4:29: triggers[0].cron: "61" is no minute: 0 to 59.',
        'w.yaml:5:38: triggers[1].where: Unexpected character "=". Write ==.',
      ],
    ],
    [
      "an unknown key and an unknown type",
      workflow("  - { id: A, type: artefact, content: x }\n", "triger: x\n"),
      [],
    ],
    [
      "a workflow that is not there",
      workflow("  - { id: A, type: workflow, workflow: v }\n"),
      ['w.yaml:4:40: steps[0].workflow: There is no workflow "v". Did you mean "w"?'],
    ],
  ])("%s", (what, text, expected) => {
    const problems = found(text);
    if (expected.length > 0) {
      expect(problems).toEqual(expected);
      return;
    }
    expect(what).toBe("an unknown key and an unknown type");
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('Unknown key "triger". Did you mean "trigger"?');
    expect(problems.join()).toContain("artefact");
  });

  it("takes a list of workflows in one file, and refuses a second of one id", () => {
    const one = "- id: a\n  name: A\n  steps: [{ id: S, type: workflow, workflow: b }]\n";
    const two = "- id: b\n  name: B\n  steps: [{ id: S, type: set, values: {} }]\n";
    expect(found(one + two)).toEqual([]);
    expect(found(one + two + two)).toEqual(["w.yaml:7:7: [2].id: The workflow b is in w.yaml too."]);
  });
});
