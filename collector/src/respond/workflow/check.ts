import { didYouMean } from "@vedette/core/config";
import { CelError, compileCel } from "@vedette/core/pipeline";
import { messageOf } from "@vedette/sdk";
import type { Compiled } from "./compile.ts";
import type { Reference } from "./compile-parts.ts";
import { parseCron } from "./cron.ts";
import { before, cycleIn, reachable } from "./graph.ts";
import type { Scope, Step, Workflow } from "./model.ts";
import type { Places } from "./places.ts";

/** What is known around a workflow. What is undefined is not checked. */
export interface Known {
  /** Actions that can be called. */
  readonly actions?: ReadonlySet<string>;
  /** Ids of all workflows. */
  readonly workflows?: ReadonlySet<string>;
}

/** Names that references may begin with and that no step has. */
const special = ["$job", "$workflow", "$item", "$index", "$row"];

/** Looks for what would fail when it runs: cycles, steps that nothing leads to, references to nothing, unknown actions. */
export function checkCompiled(
  { workflow, places: found, references }: Compiled,
  known: Known,
  report: Places,
): void {
  triggers(workflow, report);
  const at = (step: string) => found.get(step)?.at ?? [];
  const earlier = new Map<string, ReadonlySet<string>>();
  for (const scope of scopesOf(workflow.scope)) {
    const cycle = cycleIn(scope);
    if (cycle !== undefined) {
      report.fault(at(cycle), `The steps after ${JSON.stringify(cycle)} lead back to it.`, {
        suggestion: "Repeat with a loop.",
      });
      continue;
    }
    const reached = reachable(scope);
    for (const id of scope.steps.keys())
      if (!reached.has(id)) report.fault(at(id), "Nothing leads to this step.");
    for (const [id, ids] of before(scope)) earlier.set(id, ids);
    for (const step of scope.steps.values()) {
      calls(step, known, report, at(step.id));
      const inside = found.get(step.id)?.scope.at(-1);
      if (step.body.kind === "break" && (inside === undefined || found.get(inside)?.type !== "loop"))
        report.fault(at(step.id), "A break stands in a loop.");
    }
  }
  for (const reference of references) resolve(reference, { workflow, found, earlier, report });
}

function triggers(workflow: Workflow, report: Places): void {
  for (const [index, trigger] of workflow.triggers.entries()) {
    const at = ["triggers", index];
    if (trigger.type === "schedule") {
      try {
        parseCron(trigger.cron);
      } catch (error) {
        report.fault([...at, "cron"], messageOf(error));
      }
    }
    if (trigger.type !== "event") continue;
    try {
      compileCel(trigger.where);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      const { line, column, suggestion } = error;
      report.fault([...at, "where"], error.message, { suggestion, inside: { line, column } });
    }
  }
}

function* scopesOf(scope: Scope): Generator<Scope> {
  yield scope;
  for (const { body } of scope.steps.values()) {
    if (body.kind === "loop") yield* scopesOf(body.scope);
    if (body.kind === "parallel") for (const branch of body.branches) yield* scopesOf(branch.scope);
  }
}

function calls({ body }: Step, known: Known, report: Places, at: readonly PropertyKey[]): void {
  if (body.kind === "action" && known.actions && !known.actions.has(body.action)) {
    const plugin = body.action.split("/")[0]!;
    const there =
      body.action.includes("/") && [...known.actions].some((each) => each.startsWith(`${plugin}/`));
    report.fault(
      [...at, "action"],
      there || !body.action.includes("/")
        ? `There is no action ${JSON.stringify(body.action)}.`
        : `There is no action ${JSON.stringify(body.action)}: the plugin ${JSON.stringify(plugin)} is not here.`,
      { suggestion: didYouMean(body.action, known.actions) },
    );
  }
  if (body.kind === "workflow" && known.workflows && !known.workflows.has(body.workflow))
    report.fault([...at, "workflow"], `There is no workflow ${JSON.stringify(body.workflow)}.`, {
      suggestion: didYouMean(body.workflow, known.workflows),
    });
}

interface Around {
  readonly workflow: Workflow;
  readonly found: Compiled["places"];
  readonly earlier: ReadonlyMap<string, ReadonlySet<string>>;
  readonly report: Places;
}

/** A reference begins with the trigger, a special name, or a step that can have run: in its scope, or around it. */
function resolve(
  { step, path, at, inside, guarded }: Reference,
  { workflow, found, earlier, report }: Around,
): void {
  const [name = "", second] = path;
  const scope = found.get(step)?.scope ?? [];
  const fault = (message: string, suggestion?: string) => report.fault(at, message, { suggestion, inside });
  if (name === workflow.trigger || name === "$job" || name === "$row") return;
  if (name === "$item" || name === "$index") {
    if (!scope.some((each) => found.get(each)?.type === "loop")) fault(`${name} is known in a loop only.`);
    return;
  }
  if (name === "$workflow") {
    if (second !== undefined && !Object.hasOwn(workflow.parameters, second))
      fault(
        `The workflow has no parameter ${JSON.stringify(second)}.`,
        didYouMean(second, Object.keys(workflow.parameters)),
      );
    return;
  }
  const meant = found.get(name);
  if (!meant) {
    const names = [workflow.trigger, ...special, ...found.keys()];
    fault(`There is no step ${JSON.stringify(name)}.`, didYouMean(name, names));
    return;
  }
  if (guarded) return;
  // From inside of a loop the loop itself is known, for its element.
  if (scope.includes(name)) return;
  const shared = meant.scope.findIndex((each, index) => scope[index] !== each);
  const depth = shared < 0 ? meant.scope.length : shared;
  const loop = meant.scope.slice(depth).find((each) => found.has(each));
  if (loop !== undefined) {
    fault(
      `The step ${JSON.stringify(name)} is inside of ${JSON.stringify(loop)}; outside nothing is known of it.`,
      "Collect it with the loop's outputs.",
    );
    return;
  }
  // Both as seen in the innermost scope that holds them: the steps, or the loops and parallel steps around them.
  const own = scope.length > depth ? holderOf(scope[depth]!, found) : step;
  const other = meant.scope.length > depth ? holderOf(meant.scope[depth]!, found) : name;
  // A loop's outputs are read when a round is over: the last step of it is known then.
  if (own === other && own === step && at.includes("outputs")) return;
  if (earlier.get(own)?.has(other)) return;
  fault(
    own === other
      ? own === name
        ? "A step does not know its own outputs."
        : `The step ${JSON.stringify(name)} runs beside ${JSON.stringify(step)}, not before it.`
      : `The step ${JSON.stringify(name)} cannot have run before ${JSON.stringify(step)}.`,
  );
}

/** The step that a scope's name belongs to: a loop's own id, or the id before the branch. */
function holderOf(name: string, found: Compiled["places"]): string {
  if (found.has(name)) return name;
  for (let at = name.indexOf(":"); at >= 0; at = name.indexOf(":", at + 1))
    if (found.get(name.slice(0, at))?.type === "parallel") return name.slice(0, at);
  return name;
}
