import { messageOf } from "@vedette/sdk";
import type { Value } from "../expression/index.ts";
import type { Scope, Step, Target, Workflow } from "../workflow/index.ts";
import { askStep } from "./ask.ts";
import { actionStep } from "./call.ts";
import type { Followed, Job, RunDeps, RunSubject, StepRun } from "./job.ts";
import type { Journal, Written } from "./journal.ts";
import { loopStep } from "./loop.ts";
import { isEnd, StepFailed, Stopped } from "./outcomes.ts";
import { plainStep } from "./plain.ts";
import { Values } from "./values.ts";

const maxDepth = 5;

/**
 * Runs a job from its first step on. Steps that the journal has as done are not done again: their outputs are taken from it,
 * so a run that was cut off anywhere goes on where it was. Throws what ends a run: `Suspended`, `Uncertain`, `Lost`, `Stopped`,
 * and `StepFailed` for the failure of the job.
 */
export class JobRun implements Job {
  readonly deps: RunDeps;
  readonly subject: RunSubject;
  #steps = 0;
  #depth = 0;

  constructor(subject: RunSubject, deps: RunDeps) {
    this.subject = subject;
    this.deps = deps;
  }

  async run(): Promise<Record<string, Value>> {
    const { workflow, input } = this.subject;
    const values = this.#root(workflow, input);
    await this.scope(workflow.scope, "", values, workflow);
    return values.all();
  }

  #root(workflow: Workflow, input: Value): Values {
    const { id, createdAt, dry, parameters } = this.subject;
    const startedAt = new Date(createdAt).toISOString();
    const defaults = Object.entries(workflow.parameters).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value as Value] as const],
    );
    return new Values({
      $job: { id, URL: `/jobs/${id}`, workflow: workflow.id, name: workflow.name, startedAt, dryRun: dry },
      $workflow: { ...Object.fromEntries(defaults), ...parameters },
      [workflow.trigger]: input,
    });
  }

  /** Runs the steps of a scope one after another. Says whether a `break` ended it. */
  async scope(scope: Scope, prefix: string, values: Values, workflow: Workflow): Promise<"end" | "break"> {
    let id = scope.start;
    while (id !== undefined) {
      const step: Step = scope.steps.get(id)!;
      if (step.disabled) {
        id = step.next;
        continue;
      }
      const followed = await this.#follow({ step, key: `${prefix}${step.id}`, values, workflow });
      if ("ends" in followed) return followed.ends === "loop" ? "break" : "end";
      id = followed.to;
    }
    return "end";
  }

  /** Another workflow, as a step of this job. Gives the outputs of its steps. */
  async other(id: string, input: Value, prefix: string): Promise<Record<string, Value>> {
    const workflow = this.subject.others.get(id);
    if (!workflow) throw new StepFailed(`There is no workflow ${JSON.stringify(id)}.`);
    if (this.#depth >= maxDepth) throw new StepFailed(`Workflows run others at most ${maxDepth} deep.`);
    this.#depth++;
    try {
      const values = this.#root(workflow, input);
      await this.scope(workflow.scope, prefix, values, workflow);
      return values.all();
    } finally {
      this.#depth--;
    }
  }

  async #follow(run: StepRun): Promise<Followed> {
    const { step, key, values } = run;
    const { signal, clock, journal } = this.deps;
    if (signal.aborted) throw new Stopped();
    if (clock.now() >= this.subject.deadlineAt)
      throw new StepFailed("The job took longer than its workflow allows.");
    if (++this.#steps > this.subject.workflow.limits.maxSteps)
      throw new StepFailed(`The job has more than ${this.subject.workflow.limits.maxSteps} steps.`);
    const entry = journal.get(key);
    try {
      // A failure that was written is told again, not tried again.
      if (entry?.state === "failed") throw new StepFailed(entry.error ?? "The step failed.");
      return await this.#body(run);
    } catch (error) {
      if (isEnd(error)) throw error;
      const message = messageOf(error);
      if (entry?.state !== "failed" && journal.get(key)?.state !== "failed")
        await journal.write({ key, kind: step.body.kind, state: "failed", error: message });
      values.set(step.id, { $success: false, $error: message });
      if (step.onError !== undefined) return { to: step.onError };
      if (step.continueOnFailure) return { to: step.next };
      throw new StepFailed(`${step.id}: ${message}`, { cause: error });
    }
  }

  async #body(run: StepRun): Promise<Followed> {
    switch (run.step.body.kind) {
      case "action":
        return actionStep(this, run, run.step.body);
      case "ask":
        return askStep(this, run, run.step.body);
      case "loop":
        return loopStep(this, run, run.step.body);
      case "parallel":
        return this.#parallel(run, run.step.body);
      default:
        return plainStep(this, run, run.step.body);
    }
  }

  /** All branches go on as far as they can; then the gravest of what ended them counts. */
  async #parallel(
    run: StepRun,
    { branches }: Extract<Step["body"], { kind: "parallel" }>,
  ): Promise<Followed> {
    const { step, key, values, workflow } = run;
    const ended = await Promise.allSettled(
      branches.map(({ name, scope }) => this.scope(scope, `${key}:${name}/`, values, workflow)),
    );
    const errors = ended.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
    const order = ["JournalFailed", "Lost", "Stopped", "Uncertain"];
    const gravest =
      order.map((name) => errors.find((error) => error.name === name)).find(Boolean) ??
      errors.find((error) => !isEnd(error)) ??
      errors.sort((a, b) => (a as { wakeAt?: number }).wakeAt! - (b as { wakeAt?: number }).wakeAt!)[0];
    if (gravest) throw gravest;
    return this.done(run, { state: "done", output: { $success: true } }, step.next);
  }

  /** Writes a step that is done, once, and tells its outputs to those that follow. */
  async done(
    { step, key, values }: StepRun,
    written: Omit<Written, "key" | "kind">,
    to: Target,
    also?: Parameters<Journal["write"]>[1],
  ): Promise<Followed> {
    const { journal } = this.deps;
    if (journal.get(key)?.state !== "done")
      await journal.write({ key, kind: step.body.kind, ...written }, also);
    values.set(step.id, outputsOf(written.output));
    return { to };
  }
}

/** Outputs as references see them. */
export const outputsOf = (output: Value | undefined): Value =>
  typeof output === "object" && output !== null && !Array.isArray(output)
    ? { $success: true, ...output }
    : { $success: true, value: output ?? null };
