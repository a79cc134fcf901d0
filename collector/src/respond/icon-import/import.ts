import { locate, type Problem, parseSource, pathText } from "@vedette/core/config";
import {
  collector,
  type DocPath,
  type Places,
  type StepDoc,
  type WorkflowDoc,
  workflowDoc,
} from "../workflow/index.ts";
import { graphOf, type IconGraph, orderOf } from "./graph.ts";
import { type Loose, listOf, mapOf, numberOf, textOf } from "./loose.ts";
import { namesOf, renamed } from "./names.ts";
import { branchNames, convertStep, type StepContext } from "./steps.ts";

/** A workflow of an `.icon` file in our own form, with a collector of problems that knows places in that file. */
export interface Imported {
  readonly doc: WorkflowDoc;
  readonly places: Places;
}

/**
 * Reads an `.icon` file (kom file version 2). Throws a `ConfigError` where it is no such file at all; everything else that
 * cannot be carried over is a problem with its place.
 */
export function importIcon(
  text: string,
  file: string,
): { readonly workflows: readonly Imported[]; readonly problems: readonly Problem[] } {
  const source = parseSource(text, file);
  const problems: Problem[] = [];
  const kom = mapOf(mapOf(source.value)["kom"]);
  const versions = listOf(kom["workflowVersions"]);
  if (versions.length === 0)
    problems.push({
      file,
      line: 1,
      column: 1,
      path: "kom.workflowVersions",
      message: "The file holds no workflow.",
    });
  const workflows: Imported[] = [];
  for (const [index, version] of versions.entries()) {
    const base: DocPath = ["kom", "workflowVersions", index];
    const converter = new Converter(mapOf(version), mapOf(listOf(kom["triggers"])[0]));
    const at = (path: DocPath) => locateIn(source, base, converter, path);
    const places = collector(file, at, (path) => converter.shown(path));
    for (const { node, message, doubt } of converter.told) {
      const where = node === undefined ? [] : ["$node", node];
      if (doubt) places.doubt(where, message);
      else places.fault(where, message);
    }
    const parsed = workflowDoc.safeParse(converter.doc);
    if (parsed.success) workflows.push({ doc: parsed.data, places });
    else {
      for (const issue of parsed.error.issues)
        places.fault(issue.path, `${issue.message.replace(/\.?$/, "")}.`);
      problems.push(...places.problems);
    }
  }
  return { workflows, problems };
}

interface Told {
  readonly node: string | undefined;
  readonly message: string;
  readonly doubt: boolean;
}

class Converter {
  readonly doc: Record<string, unknown>;
  readonly told: Told[] = [];
  /** Where a step stands in the document, as JSON of its path, and the node it was. */
  readonly nodes = new Map<string, string>();
  readonly #graph: IconGraph;
  readonly #names: Map<string, string>;
  readonly #branches = new Map<string, string>();

  constructor(version: Loose, trigger: Loose) {
    this.#graph = graphOf(version);
    this.#names = namesOf(this.#graph);
    for (const [id, edges] of this.#graph.leaving)
      for (const [edge, name] of branchNames(edges))
        this.#branches.set(edge, `${this.#names.get(id) ?? id}/${name}`);
    const first = [...this.#graph.steps].find(([, step]) => step["type"] === "trigger")?.[0];
    const start = first === undefined ? "" : (this.#graph.leaving.get(first)?.[0]?.to ?? "");
    if (first === undefined) this.#tell(undefined, "The workflow has no trigger; it begins nowhere.");
    const steps = this.#steps("", start, ["steps"]);
    if (steps.length === 0) this.#tell(undefined, "The workflow has no steps.");
    const kind = textOf(trigger["type"]);
    this.#tell(
      first,
      `What started it, ${JSON.stringify(kind || "a trigger")} ${JSON.stringify(textOf(trigger["name"]))}, is not carried over: only a person starts it. Add triggers.`,
      true,
    );
    const name = textOf(version["name"]).slice(0, 200) || "Imported workflow";
    const description = textOf(version["description"]).slice(0, 65_536);
    const saved = numberOf(version["humanCostSeconds"]);
    const tags = listOf(version["tags"]).map(textOf).filter(Boolean);
    const parameters = parametersOf(version);
    this.doc = renamed(
      {
        id: slugOf(name),
        name,
        ...(description === "" ? {} : { description }),
        ...(tags.length > 0 ? { tags } : {}),
        ...(version["type"] === "snippet" ? { snippet: true } : {}),
        ...(saved === undefined || saved <= 0 ? {} : { timeSavedSeconds: Math.round(saved) }),
        ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
        trigger: first === undefined ? "trigger" : this.#names.get(first)!,
        steps,
      },
      this.#names,
      (id) => this.#tell(undefined, `A text refers to the step ${id}, which is not in the file.`),
    );
  }

  /** The step that a path is in, by its name, and what follows it. */
  shown(path: DocPath): string {
    if (path[0] === "$node") return this.#names.get(String(path[1])) ?? "";
    for (let length = path.length; length > 0; length--) {
      const node = this.nodes.get(JSON.stringify(path.slice(0, length)));
      if (node !== undefined)
        return [this.#names.get(node), pathText(path.slice(length))].filter(Boolean).join(".");
    }
    return pathText(path);
  }

  #steps(scope: string, start: string, at: DocPath): StepDoc[] {
    const order = orderOf(this.#graph, scope, start);
    return order.map((id, index) => this.#step(id, order[index + 1], [...at, index]));
  }

  #step(id: string, after: string | undefined, at: DocPath): StepDoc {
    this.nodes.set(JSON.stringify(at), id);
    const step = this.#graph.steps.get(id)!;
    const leaving = this.#graph.leaving.get(id) ?? [];
    const context: StepContext = {
      id,
      name: this.#names.get(id)!,
      leaving,
      target: (edge) => this.#target(id, edge),
      branch: (edge) => this.#branches.get(edge),
      inside: (edge) => this.#steps(id, this.#graph.edges.get(edge)?.to ?? "", [...at, "steps"]),
      fault: (message) => this.#tell(id, message),
      doubt: (message) => this.#tell(id, message, true),
    };
    const body = convertStep(step, context);
    const next = this.#next(step, leaving, context, body.type, after);
    return {
      id: context.name,
      ...body,
      ...(next === undefined ? {} : { next }),
      ...(step["continueOnFailure"] === true ? { continueOnFailure: true } : {}),
      ...(step["isDisabled"] === true ? { disabled: true } : {}),
    } as StepDoc;
  }

  /** Only written where it is not the step below. */
  #next(
    step: Loose,
    leaving: IconGraph["leaving"] extends ReadonlyMap<string, infer E> ? E : never,
    context: StepContext,
    type: string,
    after: string | undefined,
  ): string | undefined {
    if (type === "decision" || type === "humanDecision") return undefined;
    const edge =
      step["type"] === "loop" ? textOf(mapOf(step["parameters"])["nextEdgeId"]) : (leaving[0]?.id ?? "");
    const target = context.target(edge === "" ? undefined : edge);
    const below = after === undefined ? "end" : this.#names.get(after);
    return target === below ? undefined : target;
  }

  #target(node: string, edgeId: string | undefined): string {
    if (edgeId === undefined) return "end";
    const edge = this.#graph.edges.get(edgeId);
    if (!edge) {
      this.#tell(node, `The edge ${edgeId} is not in the file.`);
      return "end";
    }
    if (edge.to === "") return "end";
    const name = this.#names.get(edge.to);
    if (name === undefined) this.#tell(node, `An edge leads to ${edge.to}, which is not in the file.`);
    return name ?? "end";
  }

  #tell(node: string | undefined, message: string, doubt = false): void {
    if (this.told.length < 1_000) this.told.push({ node, message, doubt });
  }
}

function parametersOf(version: Loose): Record<string, unknown> {
  const schema = mapOf(mapOf(version["parameters"])["definitionSchema"]);
  const types = ["string", "number", "integer", "boolean", "array", "object"];
  return Object.fromEntries(
    Object.entries(mapOf(schema["properties"])).map(([name, value]) => {
      const { type, description, default: initial } = mapOf(value);
      return [
        name,
        {
          ...(types.includes(textOf(type)) && type !== "string" ? { type } : {}),
          ...(textOf(description) === "" ? {} : { description }),
          ...(initial === undefined ? {} : { default: initial }),
        },
      ];
    }),
  );
}

const slugOf = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "") || "imported";

/** The place in the file of what a path of the document means: the step that it is in, or the workflow. */
function locateIn(
  source: ReturnType<typeof parseSource>,
  base: DocPath,
  converter: Converter,
  path: DocPath,
) {
  const node = path[0] === "$node" ? String(path[1]) : nodeOf(converter, path);
  return locate(source, node === undefined ? base : [...base, "steps", node], true);
}

function nodeOf(converter: Converter, path: DocPath): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = converter.nodes.get(JSON.stringify(path.slice(0, length)));
    if (node !== undefined) return node;
  }
  return undefined;
}
