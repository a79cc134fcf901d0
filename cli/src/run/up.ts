import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { builtin, carrierOf, type PluginSet, startAgent } from "@vedette/agent";
import { startCollector } from "@vedette/collector";
import { parseAddress } from "@vedette/core/config";
import { createLogger, Redactor } from "@vedette/core/telemetry";
import { messageOf, systemClock } from "@vedette/sdk";
import { type ConfigFile, configFile, loadConfig } from "../config-file.ts";
import { loadWithSecrets } from "../config-secrets.ts";
import { startSamples } from "../samples/index.ts";
import { untilStopped } from "../signals.ts";
import { storedConnections } from "../stored-connections.ts";
import { version } from "../version.ts";
import { reloadOnHangup } from "./agent.ts";
import { reloadRulesOnHangup } from "./collector.ts";
import { firstFreePort } from "./free-port.ts";
import { type HostLog, hostLogs } from "./host-logs.ts";
import { stopped } from "./stopped.ts";

const pagePort = 8600;

/** What the command `up` was asked for. */
export interface UpOptions {
  readonly config?: string;
  readonly dataDir: string;
  readonly port?: number;
  readonly samples: boolean;
  readonly hostLogs: boolean;
}

interface Setup {
  readonly config: ConfigFile;
  readonly baseDir: string;
  readonly plugins: PluginSet;
  readonly hostLogs: readonly HostLog[];
}

/** Agent, collector and page in one process, until a signal comes. */
export async function runUp(options: UpOptions): Promise<void> {
  const signal = untilStopped();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`Vedette ${version}`);
  const redactor = new Redactor();
  const setup = await prepare(options, redactor);
  const { config, baseDir } = setup;

  const samples = options.samples && options.config === undefined;
  if (samples) {
    const { done } = await startSamples(samplesDir(options), { signal, clock: systemClock });
    done.catch((error: unknown) => say(`The samples could not be written any further: ${messageOf(error)}.`));
  }

  say("Starting the embedded ClickHouse engine …");
  const deps = { clock: systemClock, signal, baseDir, version };
  const level = quieter(config.collector.log);
  const collectorLog = createLogger({ name: "collector", level, redact: redactor.text });
  const collector = await startCollector(config.collector, { ...deps, redactor, log: collectorLog });
  const beside = (agent: ConfigFile["agent"]): ConfigFile["agent"] => {
    const carrier = carrierOf(agent);
    if (carrier.kind === "kafka") return agent;
    return { ...agent, collector: { ...carrier.collector, address: addressOf(collector.ingestAddress) } };
  };
  const log = createLogger({ name: "agent", level: quieter(config.agent.log), redact: redactor.text });
  const file = options.config;
  const place = file === undefined ? { dataDir: options.dataDir } : { config: file };
  const agent = await startAgent(beside(config.agent), {
    ...deps,
    plugins: setup.plugins,
    connection: storedConnections(place, (secret) => redactor.know(secret)).settings,
    log,
    ...(file === undefined ? {} : { readConfig: () => beside(loadConfig(file).config.agent) }),
  });
  reloadOnHangup(agent, log);
  reloadRulesOnHangup(collector, collectorLog);

  if (samples)
    say(
      `Reading the bundled samples: nginx, sshd and Traefik with a web scan and an ssh brute force inside.`,
    );
  for (const { path, dataType } of setup.hostLogs) say(`Reading ${path} as ${dataType}.`);
  say(`Everything is kept in ${resolve(baseDir, options.dataDir)}.`);
  process.stdout.write(`\n  Open ${collector.url}\n\n`);
  say("Ctrl-C stops.");

  await stopped(signal);
  say("Stopping …");
  await agent.stop();
  await collector.stop();
}

/** Only what a person at the terminal must know; the page and the metrics tell the rest. */
const quieter = (level: ConfigFile["agent"]["log"]): ConfigFile["agent"]["log"] =>
  level === "info" ? "warn" : level;

/** An agent beside its collector goes through loopback even where the collector listens everywhere. */
const addressOf = (listening: string): string => {
  const { host, port } = parseAddress(listening);
  return host === "0.0.0.0" || host === "::" ? `127.0.0.1:${port}` : listening;
};

const samplesDir = (options: UpOptions): string => join(resolve(options.dataDir), "samples");

async function prepare(options: UpOptions, redactor: Redactor): Promise<Setup> {
  if (options.config !== undefined) {
    const loaded = await loadWithSecrets(options.config, (secret) => redactor.know(secret));
    const { config, baseDir, plugins } = loaded;
    return { config: withPort(config, options.port), baseDir, plugins, hostLogs: [] };
  }
  const port = options.port ?? (await firstFreePort(pagePort));
  const found = options.hostLogs ? hostLogs() : [];
  const dir = samplesDir(options);
  const host = hostname();
  const sampled = [
    { dataType: "nginx", include: [join(dir, "nginx", "access.log*")], dataSource: "web-1.example.net" },
    { dataType: "sshd", include: [join(dir, "auth.log*")], dataSource: "web-1.example.net" },
    {
      dataType: "traefik",
      include: [join(dir, "traefik", "access.json*")],
      dataSource: "edge-1.example.net",
    },
  ];
  const inputs = [
    ...(options.samples ? sampled : []),
    ...found.map(({ path, dataType }) => ({ dataType, include: [path], dataSource: host })),
  ].map((input) => ({ type: "file", ...input }));
  const config = configFile.parse({
    agent: { stateDir: join(options.dataDir, "agent"), inputs },
    collector: {
      stateDir: join(options.dataDir, "collector"),
      http: { listen: `127.0.0.1:${port}` },
      ingest: { listen: "127.0.0.1:0" },
    },
  });
  return { config, baseDir: process.cwd(), plugins: builtin, hostLogs: found };
}

const withPort = (config: ConfigFile, port: number | undefined): ConfigFile =>
  port === undefined
    ? config
    : {
        ...config,
        collector: { ...config.collector, http: { ...config.collector.http, listen: `127.0.0.1:${port}` } },
      };
