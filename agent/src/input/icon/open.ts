import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Confinement } from "@vedette/core/plugin-isolation";
import {
  commandOf,
  connectionKind,
  connectionOwner,
  connectionSettings,
  Dispatcher,
  FileStateStore,
  findComponent,
  type HostedCommand,
  HostedPlugin,
  HttpTransport,
  httpDefaults,
  type JsonMap,
  ProcessTransport,
  readSpec,
  SeenEvents,
  TaskRunner,
  TriggerRunner,
} from "@vedette/core/plugins/icon";
import type { Input, InputDeps } from "@vedette/sdk";
import { EventSink } from "./event-sink.ts";
import { IconInput, type Source } from "./input.ts";
import type { Settings } from "./settings.ts";

/** Opens a task or a trigger. Throws where plugin or component are not there; the agent then tries again after a while. */
export async function openIcon(settings: Settings, deps: InputDeps): Promise<Input> {
  const { spec, problems } = readSpec(resolve(deps.baseDir, settings.plugin));
  const found = findComponent(spec, settings.component);
  if ("why" in found) throw new Error(found.why);
  const { kind, id } = found.component;
  if (kind === "action") throw new Error(`${id} is an action; events come from a task or a trigger.`);
  if (kind === "trigger" && settings.url !== undefined)
    throw new Error("A trigger does not run behind a server; it needs a program.");
  if (problems.length > 0)
    deps.log.info(
      { problems: problems.length, spec: spec.file },
      "The spec of a plugin is odd in places; `vedette plugin check` says where.",
    );
  const sink = new EventSink(deps, id, settings.maxEventBytes);
  const source =
    kind === "task" ? task(settings, deps, spec, id, sink) : await trigger(settings, deps, spec, id, sink);
  return new IconInput(source, sink, deps.signal);
}

/** The plugin's program, confined as the agent confines plugins. */
const commandIn = (settings: Settings, deps: InputDeps, spec: Spec): HostedCommand => ({
  ...commandOf(spec, settings.command),
  confinement: deps.confine?.(spec.name) as Confinement | undefined,
});

type Spec = ReturnType<typeof readSpec>["spec"];

/** What the plugin's connection is given. Throws where it is a name and there is no such connection here. */
async function connectionOf({ connection }: Settings, deps: InputDeps, spec: Spec): Promise<JsonMap> {
  if (typeof connection !== "string") return connection;
  if (!deps.connection)
    throw new Error(
      `The connection "${connection}" is kept by a collector, and this agent runs beside none; write its settings instead.`,
    );
  return connectionSettings(spec, await deps.connection(connection, connectionOwner(spec), connectionKind));
}

function task(settings: Settings, deps: InputDeps, spec: Spec, id: string, sink: EventSink): Source {
  const { input, customConfig, everySeconds, maxPages, timeoutSeconds, url } = settings;
  const { log, clock, signal } = deps;
  const transport =
    url === undefined
      ? new ProcessTransport(commandIn(settings, deps, spec), log)
      : new HttpTransport({ ...httpDefaults, url });
  const damaged = (file: string): void =>
    log.warn({ file }, "The cursor of a task could not be read; it begins again.");
  return new TaskRunner(
    {
      id,
      input,
      connection: () => connectionOf(settings, deps, spec),
      customConfig,
      everyMs: everySeconds * 1_000,
      maxPages,
      stateKey: "cursor",
      ...(timeoutSeconds === undefined ? {} : { deadlineMs: timeoutSeconds * 1_000 }),
    },
    {
      plugin: new HostedPlugin(spec, transport),
      store: new FileStateStore(deps.stateDir, damaged),
      log,
      clock,
      signal,
      rows: sink,
      failed: deps.failed,
    },
  );
}

async function trigger(
  settings: Settings,
  deps: InputDeps,
  spec: Spec,
  id: string,
  sink: EventSink,
): Promise<Source> {
  const connection = await connectionOf(settings, deps, spec);
  const { input, rememberEvents, minRestartSeconds, maxRestartSeconds } = settings;
  const { log, clock, signal } = deps;
  const command = commandIn(settings, deps, spec);
  const seen = rememberEvents > 0 ? new SeenEvents(join(deps.stateDir, "seen"), rememberEvents) : undefined;
  await seen?.open(sink.durableTo());
  const runDir = join(deps.stateDir, "run");
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  const dispatcher = await Dispatcher.open();
  const runner = new TriggerRunner(
    {
      id,
      input,
      connection,
      minRestartMs: minRestartSeconds * 1_000,
      maxRestartMs: maxRestartSeconds * 1_000,
    },
    {
      plugin: new HostedPlugin(spec, new ProcessTransport(command, log)),
      command,
      dispatcher,
      seen,
      runDir,
      log,
      clock,
      signal,
      place: sink,
      dispatch: ({ output }) => sink.take([output]),
      failed: deps.failed,
      dropped: (reason) => deps.dropped(reason, 1),
    },
  );
  return {
    run: () => runner.run(),
    health: () => runner.health(),
    close: async () => {
      await dispatcher.close();
      await seen?.close();
    },
  };
}
