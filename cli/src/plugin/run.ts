import { formatProblem } from "@vedette/core/config";
import {
  findComponent,
  fullName,
  type IconComponent,
  type IconSpec,
  infoOf,
  readSpec,
  sampleStart,
  startMessage,
} from "@vedette/core/plugins/icon";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";
import { connectionOption } from "./connection-option.ts";
import { readMap } from "./read-map.ts";
import { hostedPlugin, type RunContext, type RunOptions, tellLog } from "./run-context.ts";
import { runTask } from "./run-task.ts";
import { runTrigger } from "./run-trigger.ts";

/** Does what `vedette plugin run` says. Throws a `UsageError`, a `ConfigError` or an `IconError`. */
export async function runPlugin(
  path: string,
  name: string | undefined,
  command: readonly string[],
  options: RunOptions,
): Promise<void> {
  const { spec, problems } = readSpec(path);
  for (const problem of problems)
    if (problem.severity !== "warning") process.stderr.write(`${formatProblem(problem)}\n`);
  if (options.info) {
    process.stdout.write(infoOf(spec));
    return;
  }
  const component = componentOf(spec, name, options);
  if (options.sample) {
    process.stdout.write(`${JSON.stringify(startMessage(sampleStart(spec, component)), null, 2)}\n`);
    return;
  }
  if ([options.input, options.connection].filter((each) => each === "-").length > 1)
    throw new UsageError("Only one of --input and --connection can be stdin.");
  const context: RunContext = {
    spec,
    component,
    input: options.input === undefined ? {} : readMap(options.input, "--input"),
    connection: await connectionOption(spec, options),
    options,
    command: command.length > 0 ? command : undefined,
    signal: untilStopped(),
  };
  if (options.test) await runStep(context, "test");
  else if (component.kind === "action") await runStep(context, "run");
  else if (component.kind === "task") await runTask(context);
  else await runTrigger(context);
}

function componentOf(spec: IconSpec, name: string | undefined, { test }: RunOptions): IconComponent {
  if (name !== undefined) {
    const found = findComponent(spec, name);
    if ("why" in found) throw new UsageError(found.why);
    return found.component;
  }
  const all = [...spec.actions.values(), ...spec.tasks.values(), ...spec.triggers.values()];
  const [first, second] = all;
  // A connection can be tested through any component.
  if (first && (test || !second)) return first;
  const names = all.slice(0, 40).map(fullName).join(", ");
  throw new UsageError(names ? `Say what to run: ${names}.` : "It has no action, no trigger and no task.");
}

async function runStep(context: RunContext, verb: "run" | "test"): Promise<void> {
  const { component, input, connection, options, signal } = context;
  const plugin = hostedPlugin(context);
  const start = { kind: component.kind, id: component.id, input, connection };
  const call = { signal, ...(options.timeout === undefined ? {} : { deadlineMs: options.timeout * 1_000 }) };
  try {
    const result = await plugin[verb](start, call);
    tellLog(result.log);
    process.stdout.write(`${JSON.stringify(options.envelope ? result : result.output, null, 2)}\n`);
  } catch (error) {
    tellLog((error as { stepLog?: string }).stepLog ?? "");
    throw error;
  }
}
