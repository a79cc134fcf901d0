import { evaluate, type Lookup, truthy, type Value } from "../expression/index.ts";
import { textOf } from "../template/index.ts";
import type { StepBody } from "../workflow/index.ts";
import type { Followed, Job, StepRun } from "./job.ts";
import { StepFailed, Suspended } from "./outcomes.ts";

type Plain = Exclude<StepBody, { kind: "action" | "ask" | "loop" | "parallel" }>;

/** Steps that change nothing outside. A step that is done already gives what it gave. */
export async function plainStep(job: Job, run: StepRun, body: Plain): Promise<Followed> {
  const { step, key, values } = run;
  const { journal, artifacts, clock } = job.deps;
  const entry = journal.get(key);
  const known = entry?.state === "done" ? mapOf(entry.output) : undefined;
  const missing = new Set<string>();
  const { lookup } = values;
  const done = (output: Value, input?: Value, also?: Parameters<Job["done"]>[3]) => {
    const note = missing.size === 0 ? {} : { note: `Not defined: ${[...missing].join(", ")}` };
    return job.done(
      run,
      { state: "done", output, ...(input === undefined ? {} : { input }), ...note },
      step.next,
      also,
    );
  };
  switch (body.kind) {
    case "artifact":
      return done(known ?? { content: textOf(body.content.fill(lookup, missing)) });
    case "set":
      return done(known ?? body.values.fill(lookup, missing));
    case "patternMatch": {
      if (known) return done(known);
      const text = body.text.fill(lookup, missing);
      if (typeof text !== "string") throw new StepFailed("What is read is no text.");
      return done(body.pattern.match(text), { text });
    }
    case "decision": {
      const name = known?.["branch"] ?? chosen(body, lookup);
      const branch = [...body.branches, ...(body.otherwise ? [body.otherwise] : [])].find(
        (each) => each.name === name,
      );
      if (!branch) throw new StepFailed("No branch was true, and there is no default branch.");
      await done({ branch: branch.name });
      taken(run, branch.name);
      return { to: branch.target };
    }
    case "filter": {
      const holds = known ? known["holds"] === true : truthy(evaluate(body.condition, lookup));
      await done({ holds });
      return holds === body.stopOnMatch ? { ends: "scope" } : { to: step.next };
    }
    case "break": {
      const holds = known ? known["holds"] === true : truthy(evaluate(body.condition, lookup));
      await done({ holds });
      return holds ? { ends: "loop" } : { to: step.next };
    }
    case "join":
      return done(known ?? joined(body, run, missing));
    case "lookup": {
      if (known) return done(known);
      const rows = await artifacts.rows(body.artifact);
      const found = rows
        .filter((row) => {
          const withRow: Lookup = (path) => (path[0] === "$row" ? at(row, path.slice(1)) : lookup(path));
          return truthy(evaluate(body.condition, withRow));
        })
        .slice(0, body.most);
      return done({ rows: found, count: found.length, found: found.length > 0 });
    }
    case "append": {
      const row = known ? null : body.row.fill(lookup, missing);
      if (known || job.subject.dry) return done(known ?? { row, $dryRun: true });
      return done({ row }, undefined, {
        also: (transaction) =>
          artifacts.append(transaction, {
            artifact: body.artifact,
            job: job.subject.id,
            step: key,
            row: row!,
          }),
      });
    }
    case "workflow": {
      if (known) return done(known);
      const outputs = await job.other(body.workflow, body.input.fill(lookup, missing), `${key}>`);
      return done(outputs["result"] ?? withoutSpecial(outputs));
    }
    case "sleep": {
      if (known || job.subject.dry) return done(known ?? { seconds: 0, $dryRun: true });
      const now = clock.now();
      const seconds = Number(body.seconds.fill(lookup, missing));
      if (!(seconds >= 0 && seconds <= 31_536_000))
        throw new StepFailed("A sleep takes seconds, a year at most.");
      const wakeAt = entry?.wakeAt ?? now + seconds * 1_000;
      if (!entry) await journal.write({ key, kind: "sleep", state: "waiting", wakeAt });
      if (now < wakeAt) throw new Suspended(wakeAt);
      return done({ seconds });
    }
  }
}

/** The first branch that holds, else the default one. */
function chosen(body: Extract<Plain, { kind: "decision" }>, lookup: Lookup): string | undefined {
  return (
    body.branches.find(({ condition }) => truthy(evaluate(condition, lookup)))?.name ?? body.otherwise?.name
  );
}

const takenName = "$taken";

/** Notes a branch for joins, newest last. */
export function taken({ step, values }: StepRun, branch: string): void {
  const before = values.lookup([takenName]);
  values.set(takenName, [...(Array.isArray(before) ? (before as Value[]) : []), `${step.id}/${branch}`]);
}

/** Each variable has the value of that branch of its list which was taken last. */
function joined(
  { variables }: Extract<Plain, { kind: "join" }>,
  { values }: StepRun,
  missing: Set<string>,
): Value {
  const before = values.lookup([takenName]);
  const order = Array.isArray(before) ? (before as Value[]) : [];
  const entries = variables.map(({ name, values: given, otherwise }): [string, Value] => {
    const last = order.findLast((each) => given.some(({ from }) => from === each));
    const value = given.find(({ from }) => from === last)?.value ?? otherwise;
    return [name, value ? value.fill(values.lookup, missing) : null];
  });
  return Object.fromEntries(entries);
}

const mapOf = (value: Value | undefined): Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...(value as Record<string, Value>) }
    : {};

const at = (row: Value, path: readonly string[]): Value | undefined => {
  let value: Value | undefined = row;
  for (const name of path) value = Object.hasOwn(mapOf(value), name) ? mapOf(value)[name] : undefined;
  return value;
};

/** Without what every workflow knows of itself. */
const withoutSpecial = (outputs: Record<string, Value>): Value =>
  Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith("$")));
