import { commandOf, Dispatcher, TriggerRunner } from "@vedette/core/plugins/icon";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { UsageError } from "../exit.ts";
import { hostedPlugin, type RunContext } from "./run-context.ts";

/** Runs a trigger until so many events came: an event a line on stdout. */
export async function runTrigger(context: RunContext): Promise<void> {
  const { component, input, connection, options, command, spec } = context;
  if (options.url !== undefined)
    throw new UsageError("A trigger does not run over HTTP; leave --url out, or add --test.");
  const enough = new AbortController();
  const deadline = options.timeout === undefined ? [] : [AbortSignal.timeout(options.timeout * 1_000)];
  const dispatcher = await Dispatcher.open();
  let events = 0;
  const runner = new TriggerRunner(
    { id: component.id, input, connection, minRestartMs: 1_000, maxRestartMs: 60_000 },
    {
      plugin: hostedPlugin(context),
      command: commandOf(spec, command),
      dispatcher,
      seen: undefined,
      log: createLogger({ name: "plugin", level: "warn" }),
      clock: systemClock,
      signal: AbortSignal.any([context.signal, enough.signal, ...deadline]),
      dispatch: async ({ output }) => {
        if (events >= options.events) return;
        process.stdout.write(`${JSON.stringify(output)}\n`);
        events++;
        if (events >= options.events) enough.abort();
      },
    },
  );
  try {
    await runner.run();
  } finally {
    await dispatcher.close();
  }
  process.stderr.write(`trigger: ${events} events.\n`);
  if (events < options.events && !context.signal.aborted) process.exitCode = 1;
}
