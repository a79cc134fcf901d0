import type { Command } from "commander";
import { UsageError } from "../exit.ts";

interface Options {
  readonly config?: string;
  readonly dataDir?: string;
  readonly json?: true;
}

export function addConnection(program: Command): void {
  const connection = program
    .command("connection")
    .description("List and test the named connections that plugins use.")
    .addHelpText(
      "after",
      "\nConnections are made on the page, or through the API: see docs/guide/connections.md. What is listed holds no secrets.",
    );
  const where = (command: Command): Command =>
    command
      .option("--config <file>", "configuration file; vedette.yaml when it exists")
      .option("--data-dir <dir>", "data folder given to `vedette up`")
      .option("--json", "as JSON");

  where(connection.command("list"))
    .description("List the connections with the outcome of their last tests.")
    .action(async (options: Options) => {
      await withConnections(options, async (connections) => {
        const all = await connections.list();
        if (options.json) process.stdout.write(`${JSON.stringify(all.map(shown), null, 2)}\n`);
        else if (all.length === 0) process.stdout.write("No connections.\n");
        for (const { name, plugin, kind, test } of options.json ? [] : all) {
          const tested = test ? `${test.status}${test.current ? "" : " (changed since)"}` : "never tested";
          process.stdout.write(`${[name, `${plugin}/${kind}`, tested].join("  ")}\n`);
        }
      });
    });

  where(connection.command("test"))
    .description("Test a connection from this machine, as a collector would.")
    .argument("<name>", "its name, from `vedette connection list`")
    .addHelpText(
      "after",
      "\nTakes 15 s at most. The outcome is kept with the connection. Exits with 1 when it is an error.",
    )
    .action(async (name: string, options: Options) => {
      await withConnections(options, async (connections) => {
        const outcome = await connections.test(name).catch((error: unknown) => {
          if ((error as { code?: unknown }).code === "connection.unknown")
            throw new UsageError(`There is no connection ${name}; see "vedette connection list".`);
          throw error;
        });
        if (options.json) process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
        else process.stdout.write(`${outcome.status}: ${outcome.message}\n`);
        if (outcome.status === "error") process.exitCode = 1;
      });
    });
}

type Connections = Awaited<ReturnType<typeof import("@vedette/collector")["openConnections"]>>["connections"];

/** Without the settings, which the API shows. */
const shown = ({ name, plugin, kind, version, test }: Awaited<ReturnType<Connections["get"]>>) => ({
  ...{ name, plugin, kind, version },
  ...(test && { test: { ...test, at: new Date(test.at).toISOString() } }),
});

async function withConnections(
  options: Options,
  work: (connections: Connections) => Promise<void>,
): Promise<void> {
  const { collectorConfig, openConnections } = await import("@vedette/collector");
  const { createLogger, Redactor } = await import("@vedette/core/telemetry");
  const { systemClock } = await import("@vedette/sdk");
  const { loadWithSecrets } = await import("../config-secrets.ts");
  const { collectorPlace } = await import("../state-dirs.ts");
  const redactor = new Redactor();
  const config =
    options.dataDir === undefined
      ? (await loadWithSecrets(options.config, (secret) => redactor.know(secret))).config.collector
      : collectorConfig.parse({});
  const log = createLogger({ name: "connection", level: "warn", redact: redactor.text });
  const { signal } = new AbortController();
  const opened = await openConnections(config, collectorPlace(options), {
    ...{ log, clock: systemClock, signal, redactor },
  });
  try {
    await work(opened.connections);
  } finally {
    await opened.close();
  }
}
