import { didYouMean } from "@vedette/core/config";
import { flatBody } from "./compile-body.ts";
import { Parts, type Reference } from "./compile-parts.ts";
import type { Branch, Scope, Step, StepBody, Target, Workflow } from "./model.ts";
import type { DocPath, Places } from "./places.ts";
import type { WorkflowDoc } from "./schema.ts";
import type { BranchDoc, DecisionDoc, LoopDoc, ParallelDoc, StepDoc } from "./step-schema.ts";

const maxDepth = 10;

/** A place where a step stands, found while a workflow was compiled. */
export interface StepPlace {
  readonly at: DocPath;
  readonly type: StepDoc["type"];
  /** The loop or branch it is in; empty outside of any. */
  readonly scope: readonly string[];
}

export interface Compiled {
  readonly workflow: Workflow;
  readonly places: ReadonlyMap<string, StepPlace>;
  readonly references: readonly Reference[];
}

/** Makes the graph of a workflow. What is wrong is noted with its place; then the graph is for checking only. */
export function compileWorkflow(doc: WorkflowDoc, places: Places): Compiled {
  const walk = new Walk(places);
  const scope = walk.scope(doc.steps, ["steps"], []);
  const { description = "", tags = [], snippet = false, timeSavedSeconds = 0 } = doc;
  if (walk.places.has(doc.trigger))
    places.fault(["trigger"], `A step is called ${JSON.stringify(doc.trigger)} too.`);
  const { id, name, parameters = {}, triggers = [], trigger, limits } = doc;
  const workflow = {
    ...{ id, name, description, tags, snippet, timeSavedSeconds },
    ...{ parameters, triggers, trigger, limits, scope, doc },
  };
  return { workflow, places: walk.places, references: walk.parts.references };
}

class Walk {
  readonly places = new Map<string, StepPlace>();
  readonly parts: Parts;
  readonly #report: Places;

  constructor(report: Places) {
    this.#report = report;
    this.parts = new Parts(report);
  }

  scope(list: readonly StepDoc[], at: DocPath, inside: readonly string[]): Scope {
    const steps = new Map<string, Step>();
    const names = new Set<string>();
    if (inside.length > maxDepth) {
      this.#report.fault(at, `Loops and branches are nested at most ${maxDepth} deep.`);
      return { start: undefined, steps };
    }
    this.#names(list, names);
    const start = this.#list(list, at, undefined, { steps, names, inside });
    return { start, steps };
  }

  /** Every step that a target of this scope may name: nested branches of decisions are part of it. */
  #names(list: readonly StepDoc[], names: Set<string>): void {
    for (const step of list) {
      names.add(step.id);
      if (step.type !== "decision") continue;
      for (const branch of [...step.branches, step.default])
        if (branch?.steps) this.#names(branch.steps, names);
    }
  }

  /** Compiles a list whose end leads to `after`; gives its first step. */
  #list(list: readonly StepDoc[], at: DocPath, after: Target, into: Into): Target {
    for (const [index, step] of list.entries())
      this.#step(step, [...at, index], list[index + 1]?.id ?? after, into);
    return list[0]?.id ?? after;
  }

  #step(doc: StepDoc, at: DocPath, after: Target, into: Into): void {
    const known = this.places.get(doc.id);
    if (known) this.#report.fault([...at, "id"], `Another step is called ${JSON.stringify(doc.id)} too.`);
    else this.places.set(doc.id, { at, type: doc.type, scope: into.inside });
    const follows = this.#target(doc.next, after, [...at, "next"], into);
    into.steps.set(doc.id, {
      id: doc.id,
      next: follows,
      onError:
        doc.onError === undefined ? undefined : this.#target(doc.onError, after, [...at, "onError"], into),
      continueOnFailure: doc.continueOnFailure ?? false,
      disabled: doc.disabled ?? false,
      body: this.#body(doc, at, follows, into),
    });
  }

  #body(doc: StepDoc, at: DocPath, follows: Target, into: Into): StepBody {
    if (doc.type === "decision") return this.#decision(doc, at, follows, into);
    if (doc.type === "loop") return this.#loop(doc, at, into);
    if (doc.type === "parallel") return this.#parallel(doc, at, into);
    if (doc.type === "humanDecision" && doc.onTimeout?.answer !== undefined) {
      const answers = doc.options.map(({ answer }) => answer);
      if (!answers.includes(doc.onTimeout.answer))
        this.#report.fault([...at, "onTimeout", "answer"], "There is no such answer.", {
          suggestion: didYouMean(doc.onTimeout.answer, answers),
        });
    }
    return flatBody(doc, at, this.parts, (name, place) => this.#target(name, follows, place, into));
  }

  #decision(doc: DecisionDoc, at: DocPath, follows: Target, into: Into): StepBody {
    const branch = (each: BranchDoc, place: DocPath, name: string): Branch => {
      if (each.steps && each.next !== undefined)
        this.#report.fault([...place, "next"], "A branch has steps or next, not both.");
      const target = each.steps
        ? this.#list(each.steps, [...place, "steps"], follows, into)
        : this.#target(each.next, follows, [...place, "next"], into);
      return { name: each.name ?? name, target };
    };
    const branches = doc.branches.map((each, index) => {
      const place = [...at, "branches", index];
      const condition = this.parts.condition(each.if, doc.id, [...place, "if"]);
      return { ...branch(each, place, String(index + 1)), condition };
    });
    if (!doc.default)
      this.#report.fault(at, "The decision has no default branch.", {
        suggestion: "Write default: {}, which goes on with what follows, or default: {next: end}.",
      });
    const otherwise = doc.default && branch(doc.default, [...at, "default"], "default");
    return { kind: "decision", branches, otherwise };
  }

  #loop(doc: LoopDoc, at: DocPath, into: Into): StepBody {
    if ((doc.over === undefined) === (doc.times === undefined))
      this.#report.fault(at, "A loop has over or times, one of the two.");
    const { outputs = [], delaySeconds = 0 } = doc;
    return {
      kind: "loop",
      over: doc.over === undefined ? undefined : this.parts.input(doc.over, doc.id, [...at, "over"]),
      times: doc.times === undefined ? undefined : this.parts.input(doc.times, doc.id, [...at, "times"]),
      delayMs: delaySeconds * 1_000,
      scope: this.scope(doc.steps, [...at, "steps"], [...into.inside, doc.id]),
      outputs: outputs.map(({ name, type, value, if: condition }, index) => {
        const place = [...at, "outputs", index];
        // Outputs are read at the end of a round: they see what is inside.
        const step = doc.steps.at(-1)!.id;
        if (value === undefined && type !== "count")
          this.#report.fault(place, `An output of the type ${type} needs a value.`);
        return {
          ...{ name, type },
          value: value === undefined ? undefined : this.parts.input(value, step, [...place, "value"]),
          condition:
            condition === undefined ? undefined : this.parts.condition(condition, step, [...place, "if"]),
        };
      }),
    };
  }

  #parallel(doc: ParallelDoc, at: DocPath, into: Into): StepBody {
    const seen = new Set<string>();
    const branches = doc.branches.map(({ name, steps }, index) => {
      const place = [...at, "branches", index];
      if (seen.has(name)) this.#report.fault([...place, "name"], "Another branch has this name too.");
      seen.add(name);
      return { name, scope: this.scope(steps, [...place, "steps"], [...into.inside, `${doc.id}:${name}`]) };
    });
    return { kind: "parallel", branches };
  }

  /** Where a name leads: `end` out of the scope, no name to what follows. */
  #target(name: string | undefined, follows: Target, at: DocPath, into: Into): Target {
    if (name === undefined) return follows;
    if (name === "end") return undefined;
    if (into.names.has(name)) return name;
    const suggestion = didYouMean(name, [...into.names, "end"]);
    const place = into.inside.length === 0 ? "" : " in this loop or branch";
    this.#report.fault(at, `There is no step ${JSON.stringify(name)}${place}.`, { suggestion });
    return undefined;
  }
}

interface Into {
  readonly steps: Map<string, Step>;
  readonly names: ReadonlySet<string>;
  /** Loops and branches around it, outermost first. */
  readonly inside: readonly string[];
}
