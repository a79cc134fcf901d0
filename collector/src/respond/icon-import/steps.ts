import type { StepDoc } from "../workflow/index.ts";
import { conditionOf } from "./expression-text.ts";
import type { Edge } from "./graph.ts";
import { type Loose, listOf, mapOf, numberOf, textOf } from "./loose.ts";

/** What the conversion of one step may ask. */
export interface StepContext {
  readonly id: string;
  readonly name: string;
  readonly leaving: readonly Edge[];
  /** Name of the step that an edge leads to, or `end`. */
  target(edgeId: string | undefined): string;
  /** `Decision/Branch` of an edge. */
  branch(edgeId: string): string | undefined;
  /** The steps inside of a loop, from the edge that enters it. */
  inside(edgeId: string): StepDoc[];
  fault(message: string): void;
  doubt(message: string): void;
}

type Body = Record<string, unknown> & { readonly type: string };

/** What a branch is called: the edge's name, else its number; unique within its decision. */
export function branchNames(edges: readonly Edge[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [index, edge] of edges.entries()) {
    const wanted = edge.name.trim().slice(0, 90) || String(index + 1);
    const taken = [...names.values()].includes(wanted);
    names.set(edge.id, taken ? `${wanted} ${index + 1}` : wanted);
  }
  return names;
}

/** Turns the parameters of a step into ours. What cannot be carried over is told. */
export function convertStep(step: Loose, context: StepContext): Body {
  const parameters = mapOf(step["parameters"]);
  switch (step["type"]) {
    case "action":
      return action(
        textOf(mapOf(step["plugin"])["slugName"]),
        textOf(step["identifier"]),
        parameters,
        context,
      );
    case "action_chatops":
      return action(textOf(step["chatOpsAppName"]), textOf(step["chatOpsIdentifier"]), parameters, context);
    case "artifact":
      return { type: "artifact", content: textOf(mapOf(parameters["input"])["content"]) };
    case "automated_decision":
      return decision(parameters, context);
    case "human_decision":
      return humanDecision(parameters, context);
    case "decision_chatops":
      return chatDecision(step, parameters, context);
    case "loop":
      return loop(parameters, context);
    case "break":
      return { type: "break", if: single(parameters, context) };
    case "filter":
      return {
        type: "filter",
        if: single(parameters, context),
        ...(parameters["stopOnMatch"] === true ? { stopOnMatch: true } : {}),
      };
    case "join":
      return join(parameters, context);
    case "pattern_match":
      return {
        type: "patternMatch",
        text: textOf(parameters["input"]) || textOf(mapOf(parameters["input"])["text"]),
        pattern: textOf(parameters["expressionText"]),
        ...(parameters["ignoreCase"] === true ? { ignoreCase: true } : {}),
        ...(parameters["captureAll"] === true ? { captureAll: true } : {}),
      };
    case "helpers":
      return helper(step, parameters, context);
    default:
      context.fault(`Steps of the type ${JSON.stringify(step["type"])} are not known; it is left out.`);
      return { type: "set", values: {}, disabled: true };
  }
}

function action(plugin: string, name: string, parameters: Loose, context: StepContext): Body {
  if (plugin === "" || name === "")
    context.fault("The step does not say which action of which plugin it calls.");
  return {
    type: "action",
    action: `${plugin || "unknown"}/${name || "unknown"}`,
    input: mapOf(parameters["input"]),
  };
}

function decision(parameters: Loose, context: StepContext): Body {
  const names = branchNames(context.leaving);
  const fallback = textOf(parameters["defaultEdgeId"]);
  const branches = listOf(parameters["stepControlParams"])
    .map(mapOf)
    .filter((each) => textOf(each["edgeId"]) !== fallback)
    .map((each) => {
      const edge = textOf(each["edgeId"]);
      const condition = conditionOf(each);
      if (condition === undefined) context.fault(`The branch ${names.get(edge) ?? edge} has no expression.`);
      return { name: names.get(edge) ?? edge, if: condition ?? "false", next: context.target(edge) };
    });
  if (branches.length === 0) {
    context.doubt("The decision has no branch but the default one.");
    branches.push({ name: "never", if: "false", next: "end" });
  }
  if (fallback === "") return { type: "decision", branches };
  const otherwise = { name: names.get(fallback) ?? "default", next: context.target(fallback) };
  return { type: "decision", branches, default: otherwise };
}

function silence(
  parameters: Loose,
  options: readonly { readonly answer: string; readonly edge: string }[],
  context: StepContext,
) {
  const seconds = numberOf(parameters["timeout"]);
  const edge = textOf(parameters["timeoutEdgeId"]);
  const answer = options.find((each) => each.edge === edge)?.answer;
  return {
    ...(seconds !== undefined && seconds > 0 ? { timeoutSeconds: Math.ceil(seconds) } : {}),
    ...(edge === "" ? {} : { onTimeout: answer === undefined ? { next: context.target(edge) } : { answer } }),
  };
}

function humanDecision(parameters: Loose, context: StepContext): Body {
  const names = branchNames(context.leaving);
  const listed = listOf(parameters["stepControlParams"]).map((each) => textOf(mapOf(each)["edgeId"]));
  const edges = listed.length > 0 ? listed : context.leaving.map(({ id }) => id);
  const options = edges.map((edge) => ({ edge, answer: names.get(edge) ?? edge }));
  const question = ["question", "message", "description"].map((key) => textOf(parameters[key])).find(Boolean);
  const notify = mailsIn(parameters["notifications"]);
  return {
    type: "humanDecision",
    question: question ?? context.name,
    options: options.map(({ edge, answer }) => ({ answer, next: context.target(edge) })),
    ...silence(parameters, options, context),
    ...(notify.length > 0 ? { notify } : {}),
  };
}

function chatDecision(step: Loose, parameters: Loose, context: StepContext): Body {
  const given = listOf(parameters["options"]).map(mapOf);
  const options = given
    .filter((each) => each["isTimeoutOnly"] !== true)
    .map((each) => ({
      edge: textOf(each["edgeId"]),
      answer: textOf(each["answer"]).slice(0, 100) || "Answer",
      confirmation: textOf(each["confirmation"]).slice(0, 1_000),
    }));
  const { message, recipient, threadTimestamp } = parameters;
  return {
    type: "humanDecision",
    question: textOf(parameters["question"]) || context.name,
    options: options.map(({ edge, answer, confirmation }) => ({
      ...{ answer, next: context.target(edge) },
      ...(confirmation === "" ? {} : { confirmation }),
    })),
    ...silence(parameters, options, context),
    chat: {
      app: textOf(step["chatOpsAppName"]),
      ...(textOf(recipient) === "" ? {} : { recipient }),
      ...(textOf(threadTimestamp) === "" ? {} : { thread: threadTimestamp }),
      ...(textOf(message) === "" ? {} : { message }),
    },
  };
}

function mailsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return /^[^\s@]+@[^\s@]+$/.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null || depth > 5) return [];
  return [...new Set(Object.values(value).flatMap((each) => mailsIn(each, depth + 1)))].slice(0, 50);
}

function loop(parameters: Loose, context: StepContext): Body {
  const { repeatVariable, repeatCount, repeatDelay, innerEdgeId } = parameters;
  const given = listOf(parameters["customOutput"] ?? parameters["customOutputs"]).map(mapOf);
  const outputs = given.map((each) => {
    const input = mapOf(each["input"]);
    const condition = conditionOf(input);
    const kind = each["outputType"];
    if (kind !== "array" && kind !== "count")
      context.doubt(
        `The loop's output ${textOf(each["name"])} is of the type ${JSON.stringify(kind)}; the last value is kept.`,
      );
    return {
      name: textOf(each["name"]) || "output",
      type: kind === "array" || kind === "count" ? kind : "last",
      ...(input["value"] === undefined ? {} : { value: input["value"] }),
      ...(condition === undefined ? {} : { if: condition }),
    };
  });
  const over = typeof repeatVariable === "string" && repeatVariable !== "" ? repeatVariable : undefined;
  const delay = numberOf(repeatDelay) ?? 0;
  return {
    type: "loop",
    ...(over === undefined ? { times: numberOf(repeatCount) ?? (textOf(repeatCount) || 1) } : { over }),
    ...(delay > 0 ? { delaySeconds: delay } : {}),
    steps: context.inside(textOf(innerEdgeId)),
    ...(outputs.length > 0 ? { outputs } : {}),
  };
}

/** The one expression of a filter or a break. */
function single(parameters: Loose, context: StepContext): string {
  const found =
    conditionOf(parameters["stepControlParam"]) ??
    listOf(parameters["stepControlParams"])
      .map(conditionOf)
      .find((each) => each !== undefined) ??
    conditionOf(parameters);
  if (found === undefined) context.fault("The step has no expression.");
  return found ?? "false";
}

/** Both ways round are taken: values by variable, and variables by edge. */
function join(parameters: Loose, context: StepContext): Body {
  const values = new Map<string, { from: string; value: unknown }[]>();
  const add = (name: unknown, edge: unknown, value: unknown): void => {
    const from = context.branch(textOf(edge));
    if (textOf(name) === "" || from === undefined) {
      context.fault(
        `A variable of the join cannot be read: ${JSON.stringify({ name, edge }).slice(0, 200)}.`,
      );
      return;
    }
    values.set(textOf(name), [...(values.get(textOf(name)) ?? []), { from, value }]);
  };
  for (const set of listOf(parameters["variableSets"]).map(mapOf)) {
    const inner = listOf(set["variables"] ?? set["values"]).map(mapOf);
    if (inner.length === 0) context.fault("A set of variables of the join cannot be read.");
    for (const each of inner) {
      const edge = each["edgeId"] ?? each["decisionEdgeId"] ?? set["edgeId"] ?? set["decisionEdgeId"];
      add(each["name"] ?? set["name"], edge, each["value"] ?? mapOf(each["input"])["value"] ?? null);
    }
  }
  const variables = [...values].map(([name, each]) => ({ name, values: each }));
  return { type: "join", ...(variables.length > 0 ? { variables } : {}) };
}

function helper(step: Loose, parameters: Loose, context: StepContext): Body {
  const given = step["globalArtifact"] ?? parameters["globalArtifact"];
  const artifact = textOf(given) || textOf(mapOf(given)["name"]) || textOf(mapOf(given)["id"]);
  if (artifact === "") context.fault("The step does not name a global artifact.");
  const named = artifact || "unknown";
  if (step["helperIdentifier"] === "lookup_global_artifacts")
    return {
      type: "lookupGlobalArtifact",
      artifact: named,
      if: rowCondition(single(parameters, context)),
    };
  if (step["helperIdentifier"] === "append_global_artifacts")
    return { type: "appendGlobalArtifact", artifact: named, row: mapOf(parameters["input"]) };
  context.fault(`The helper ${JSON.stringify(step["helperIdentifier"])} is not known; it is left out.`);
  return { type: "set", values: {}, disabled: true };
}

/** A column is meant by its name alone there; here it is `$row`'s. */
const rowCondition = (text: string): string =>
  text.replaceAll(
    /\{\{\s*\[?([^[\]{}.]+?)\]?\s*\}\}/g,
    (_, column: string) => `{{[$row].[${column.trim()}]}}`,
  );
