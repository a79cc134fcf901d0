import { evaluate, truthy, type Value } from "../expression/index.ts";
import type { StepBody } from "../workflow/index.ts";
import type { Followed, Job, StepRun } from "./job.ts";
import { StepFailed, Suspended } from "./outcomes.ts";
import { Values } from "./values.ts";

type Loop = Extract<StepBody, { kind: "loop" }>;

const maxRounds = 10_000;

/** Runs the steps of a loop once for each element, or so many times. Each round has outputs of its own. */
export async function loopStep(job: Job, run: StepRun, body: Loop): Promise<Followed> {
  const { step, key, values, workflow } = run;
  const entry = job.deps.journal.get(key);
  if (entry?.state === "done") return job.done(run, { state: "done", output: entry.output ?? {} }, step.next);
  const items = itemsOf(body, values);
  const collected = body.outputs.map((output) => ({
    output,
    list: [] as Value[],
    count: 0,
    last: null as Value,
  }));
  let rounds = 0;
  for (const [index, item] of items.entries()) {
    if (index > 0 && body.delayMs > 0 && !job.subject.dry)
      await pause(job, `${key}#${index}@delay`, body.delayMs);
    const element = { $item: item, $index: index };
    const inside = new Values({ ...element, [step.id]: element }, values);
    const ended = await job.scope(body.scope, `${key}#${index}/`, inside, workflow);
    rounds++;
    for (const each of collected) {
      const { value, condition } = each.output;
      if (condition && !truthy(quietly(() => evaluate(condition, inside.lookup)) ?? false)) continue;
      each.count++;
      if (!value) continue;
      // A round that ended early has not made everything; it adds nothing then.
      const made = quietly(() => value.fill(inside.lookup));
      if (made === undefined) continue;
      each.list.push(made);
      each.last = made;
    }
    if (ended === "break") break;
  }
  const outputs: Record<string, Value> = {};
  for (const { output, list, count, last } of collected)
    outputs[output.name] = output.type === "array" ? list : output.type === "count" ? count : last;
  return job.done(
    run,
    { state: "done", output: { ...outputs, $outputs: outputs, $count: rounds } },
    step.next,
  );
}

function itemsOf(body: Loop, values: Values): readonly Value[] {
  const given = (body.over ?? body.times)!.fill(values.lookup);
  if (body.times) {
    const times = Number(given);
    if (!Number.isInteger(times) || times < 0 || times > maxRounds)
      throw new StepFailed(`A loop has a whole number of rounds, ${maxRounds} at most.`);
    return Array.from({ length: times }, (_, index) => index + 1);
  }
  if (given === null) return [];
  if (!Array.isArray(given)) throw new StepFailed("What a loop goes over is no list.");
  if (given.length > maxRounds) throw new StepFailed(`A loop has at most ${maxRounds} rounds.`);
  return given as Value[];
}

/** Waits in a way that a restart does not make longer. */
async function pause(job: Job, key: string, ms: number): Promise<void> {
  const { journal, clock } = job.deps;
  const entry = journal.get(key);
  if (entry?.state === "done") return;
  const wakeAt = entry?.wakeAt ?? clock.now() + ms;
  if (!entry) await journal.write({ key, kind: "delay", state: "waiting", wakeAt });
  if (clock.now() < wakeAt) throw new Suspended(wakeAt);
  await journal.write({ key, kind: "delay", state: "done" });
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
