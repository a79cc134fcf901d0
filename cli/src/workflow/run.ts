import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openControlDatabase, openSecretBox } from "@vedette/collector/control";
import {
  criticalRefused,
  httpRunner,
  iconRunner,
  JobStore,
  JobWorker,
  joinRunners,
  type LoadedWorkflow,
  loadWorkflows,
} from "@vedette/collector/respond";
import { ConfigError, formatProblem } from "@vedette/core/config";
import { commandOf, HostedPlugin, ProcessTransport } from "@vedette/core/plugins/icon";
import { createLogger } from "@vedette/core/telemetry";
import { createEgress, messageOf, systemClock } from "@vedette/sdk";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";
import { actionsWith, specsAt } from "./known.ts";

/** The options of `vedette workflow run`. */
export interface RunOptions {
  readonly alert?: string;
  readonly input?: string;
  readonly dryRun?: true;
  readonly workflow?: string;
  readonly plugins: string[];
  readonly allow: string[];
  readonly json?: true;
}

/** Does what `vedette workflow run` says. */
export async function runWorkflow(file: string, options: RunOptions): Promise<void> {
  const { workflows, problems } = loadWorkflows([file], { actions: actionsWith(options.plugins) });
  const wrong = problems.filter(
    ({ severity, message }) =>
      severity !== "warning" && !(options.dryRun && message.startsWith("There is no action")),
  );
  if (wrong.length > 0) throw new ConfigError(wrong);
  // A dry run calls no action: those of plugins that are not here are told, and passed over.
  const all = options.dryRun ? loadWorkflows([file]).workflows : workflows;
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  const chosen = choose(all, options.workflow);
  const input = inputOf(options);
  const dir = mkdtempSync(join(tmpdir(), "vedette-workflow-"));
  const target = { kind: "sqlite", dir } as const;
  const database = await openControlDatabase(target);
  const log = createLogger({ name: "workflow", level: "silent" });
  const store = new JobStore(database, systemClock);
  const hosted = options.dryRun
    ? []
    : specsAt(options.plugins).map((spec) => ({
        plugin: new HostedPlugin(spec, new ProcessTransport(commandOf(spec), log)),
        connections: {},
        kind: undefined,
      }));
  const worker = new JobWorker({
    ...{ database, box: openSecretBox(target, process.env), redact: (text: string) => text, store, log },
    ...{ clock: systemClock, guards: criticalRefused, everyMs: 50, alone: true },
    actions: joinRunners([httpRunner(createEgress({ allow: options.allow })), iconRunner(hosted)]),
  });
  const stopped = untilStopped();
  try {
    worker.start();
    const others = all.map(({ workflow }) => workflow);
    const { id } = await store.create({
      ...{ workflow: chosen.workflow, others, input, startedBy: "vedette workflow run" },
      dry: options.dryRun ?? false,
    });
    let job = await store.get(id);
    // A wait of a moment is waited for, as before another try.
    while (job && !stopped.aborted && goesOn(job.status, job.wake_at)) {
      await setTimeout(20);
      job = await store.get(id);
    }
    const steps = await store.steps(id);
    const status = job?.status ?? "failed";
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ status, error: job?.error ?? undefined, steps: steps.map(shown) }, null, 2)}\n`,
      );
    else {
      for (const step of steps)
        process.stdout.write(`${step.state.padEnd(9)} ${step.key}${detail(step.output ?? step.error)}\n`);
      process.stdout.write(`${status}${job?.error ? `: ${job.error}` : ""}\n`);
    }
    if (status !== "succeeded" && status !== "waiting") process.exitCode = 1;
  } finally {
    await worker.stop(0);
    await database.destroy();
    rmSync(dir, { recursive: true, force: true });
  }
}

const longestWaitMs = 60_000;

const goesOn = (status: string, wakeAt: number | null): boolean =>
  status === "queued" ||
  status === "running" ||
  (status === "waiting" && Number(wakeAt) - systemClock.now() < longestWaitMs);

function choose(all: readonly LoadedWorkflow[], id: string | undefined): LoadedWorkflow {
  const names = all.map(({ workflow }) => workflow.id);
  const found = id === undefined ? all : all.filter(({ workflow }) => workflow.id === id);
  const [first, second] = found;
  if (first && !second) return first;
  throw new UsageError(
    first
      ? `The file holds several workflows; choose one with --workflow: ${names.join(", ")}.`
      : `There is no such workflow. Here: ${names.join(", ") || "none"}.`,
  );
}

function inputOf({ alert, input }: RunOptions): Record<string, never> {
  if (alert !== undefined && input !== undefined) throw new UsageError("Give --alert or --input, not both.");
  const file = alert ?? input;
  if (file === undefined) return {};
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")) as Record<string, never>;
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${messageOf(error)}`, { cause: error });
  }
}

const shown = ({
  key,
  kind,
  state,
  attempt,
  input,
  output,
  error,
  note,
}: Awaited<ReturnType<JobStore["steps"]>>[number]) => ({
  ...{ key, kind, state, attempt: Number(attempt) },
  ...(input === null ? {} : { input: JSON.parse(input) as unknown }),
  ...(output === null ? {} : { output: JSON.parse(output) as unknown }),
  ...(error === null ? {} : { error }),
  ...(note === null ? {} : { note }),
});

const detail = (text: string | null): string => (text === null ? "" : `  ${text.slice(0, 200)}`);
