import { existsSync, readFileSync } from "node:fs";
import { plugins } from "@vedette/collector";
import { didYouMean } from "@vedette/core/config";
import {
  commandOf,
  HostedPlugin,
  openIconServer,
  ownPlugin,
  ProcessTransport,
  readSpec,
  stdioVerb,
} from "@vedette/core/plugins/icon";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";

export interface ServeOptions {
  readonly port: number;
  readonly dangerouslyServeCriticalActions?: true;
}

const verbs = ["info", "sample", "run", "test"] as const;

/** Serves a plugin over HTTP until it is stopped, or answers one verb. */
export async function servePlugin(
  name: string,
  verb: string,
  component: string | undefined,
  options: ServeOptions,
): Promise<void> {
  const known = verbs.find((each) => each === verb);
  if (known === undefined && verb !== "http")
    throw new UsageError(`"${verb}" is not http, ${verbs.join(", ")}.`);
  const signal = untilStopped();
  const { plugin, specText, close } = open(name, options, signal);
  try {
    if (known !== undefined) {
      const io = {
        read: () => readFileSync(0, "utf8"),
        write: (text: string) => void process.stdout.write(text),
        signal,
      };
      process.exitCode = await stdioVerb(plugin, known, component, io);
      return;
    }
    const server = await openIconServer(plugin, specText, options.port, signal);
    process.stderr.write(
      `Serving ${plugin.spec.name} ${plugin.spec.version} at ${server.url}; Ctrl-C ends it.\n`,
    );
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await server.close();
  } finally {
    await close();
  }
}

function open(name: string, options: ServeOptions, signal: AbortSignal) {
  const log = createLogger({ name: "plugin", level: "silent" });
  const own = plugins.find(({ id }) => id === name);
  if (own && !existsSync(name)) {
    const deps = { log, clock: systemClock, signal };
    const dangerouslyServeCriticalActions = options.dangerouslyServeCriticalActions ?? false;
    return ownPlugin(own, deps, { dangerouslyServeCriticalActions });
  }
  if (!existsSync(name)) {
    const suggestion =
      didYouMean(
        name,
        plugins.map(({ id }) => id),
      ) ?? "";
    throw new UsageError(`There is no file, folder or plugin "${name}". ${suggestion}`.trim());
  }
  const { spec } = readSpec(name);
  const plugin = new HostedPlugin(spec, new ProcessTransport(commandOf(spec), log));
  return { plugin, specText: readFileSync(spec.file, "utf8"), close: async () => {} };
}
