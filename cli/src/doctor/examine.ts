import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { examineDatabases } from "@vedette/collector";
import { parseAddress } from "@vedette/core/config";
import { createLogger } from "@vedette/core/telemetry";
import { isVedetteError, messageOf, systemClock } from "@vedette/sdk";
import { checkAll } from "../check/check.ts";
import { type LoadedConfig, loadConfig } from "../config-file.ts";
import { loadWithSecrets } from "../config-secrets.ts";
import { isFree } from "../run/free-port.ts";
import { certificateFindings } from "./certificates.ts";
import type { Finding } from "./finding.ts";
import { kafkaFindings } from "./kafka.ts";

const leastNode = [24, 11] as const;
const leastFreeBytes = 1024 ** 3;
const leastWatches = 8_192;

/** Looks at everything in turn. Changes nothing; talks to the collector at `url`, to the brokers of Kafka and to the databases that the configuration names. */
export async function examine(options: {
  readonly config?: string;
  readonly url: string;
}): Promise<Finding[]> {
  const findings: Finding[] = [runtime(), await engine(), watches()];
  const { problems } = await checkAll({
    ...(options.config ? { config: options.config } : {}),
    pipeline: [],
    rules: [],
  });
  const wrong = problems.filter((problem) => problem.severity !== "warning");
  findings.push(
    wrong.length === 0
      ? { what: "configuration", status: "good", said: "Configuration, pipelines and rules are good." }
      : {
          what: "configuration",
          status: "broken",
          said: `${wrong.length} mistakes.`,
          cure: 'See them with "vedette check".',
        },
  );
  if (wrong.length === 0) {
    const loaded = await loadWithSecrets(options.config);
    findings.push(...folders(loaded), ...certificateFindings(loaded, systemClock.now()));
    findings.push(...(await kafkaFindings(loaded)), ...(await databases(loaded)));
  }
  const answer = await collector(options.url);
  findings.push(answer);
  if (answer.status !== "good" && wrong.length === 0)
    findings.push(...(await ports(loadConfig(options.config))));
  return findings;
}

function runtime(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return enough
    ? {
        what: "node",
        status: "good",
        said: `Node ${process.versions.node} on ${process.platform} ${process.arch}.`,
      }
    : {
        what: "node",
        status: "broken",
        said: `Node ${process.versions.node} is too old.`,
        cure: `Use ${leastNode.join(".")} or newer; ./vedette and npm start get one.`,
      };
}

/** The embedded engine is a native library for glibc Linux and macOS. */
async function engine(): Promise<Finding> {
  const require = createRequire(import.meta.resolve("@vedette/collector"));
  try {
    require.resolve("chdb");
  } catch {
    return {
      what: "engine",
      status: "warning",
      said: "The embedded engine is not installed.",
      cure: "Name a ClickHouse server as collector.store.url.",
    };
  }
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  if (process.platform === "linux" && report.header?.glibcVersionRuntime === undefined) {
    return {
      what: "engine",
      status: "warning",
      said: "The embedded engine needs glibc, this system has another C library.",
      cure: "Name a ClickHouse server as collector.store.url.",
    };
  }
  return Promise.resolve({ what: "engine", status: "good", said: "The embedded engine is installed." });
}

function watches(): Finding {
  const file = "/proc/sys/fs/inotify/max_user_watches";
  if (!existsSync(file)) return { what: "file watching", status: "good", said: "No limit known." };
  const most = Number(readFileSync(file, "utf8"));
  return most >= leastWatches
    ? { what: "file watching", status: "good", said: `${most} watches allowed.` }
    : {
        what: "file watching",
        status: "warning",
        said: `Only ${most} watches allowed; further folders are polled.`,
        cure: "Raise fs.inotify.max_user_watches.",
      };
}

function folders({ config, baseDir }: LoadedConfig): Finding[] {
  return [
    ["agent folder", config.agent.stateDir] as const,
    ["collector folder", config.collector.stateDir] as const,
  ].map(([what, given]): Finding => {
    let path = resolve(baseDir, given);
    while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
    try {
      accessSync(path, constants.W_OK);
    } catch (error) {
      return {
        what,
        status: "broken",
        said: `${path} cannot be written: ${messageOf(error)}.`,
        cure: "Change its owner, or name another stateDir.",
      };
    }
    const { bavail, bsize } = statfsSync(path);
    const free = bavail * bsize;
    const said = `${path} can be written, ${(free / 1024 ** 3).toFixed(1)} GiB are free.`;
    return free >= leastFreeBytes
      ? { what, status: "good", said }
      : { what, status: "warning", said, cure: "Free some space; the agent waits when the disk is full." };
  });
}

async function databases({ config, baseDir }: LoadedConfig): Promise<Finding[]> {
  const quiet = createLogger({ name: "doctor", level: "silent" });
  try {
    const found = await examineDatabases(config.collector, baseDir, { log: quiet, clock: systemClock });
    return found.map(({ good, ...rest }) => ({ ...rest, status: good ? "good" : "broken" }));
  } catch (error) {
    return [{ what: "databases", status: "broken", said: messageOf(error) }];
  }
}

async function collector(url: string): Promise<Finding> {
  try {
    const response = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(3_000) });
    if (response.ok) return { what: "collector", status: "good", said: `It answers at ${url} and is ready.` };
    const { reason } = (await response.json().catch(() => ({}))) as { reason?: string };
    return {
      what: "collector",
      status: "broken",
      said: `It answers at ${url} but is not ready: ${reason ?? response.statusText}`,
    };
  } catch (error) {
    if (isVedetteError(error)) throw error;
    return {
      what: "collector",
      status: "warning",
      said: `None answers at ${url}.`,
      cure: 'Start one with "vedette up", or say where it is with --url.',
    };
  }
}

async function ports({ config }: LoadedConfig): Promise<Finding[]> {
  const wanted = [
    ["page port", config.collector.http.listen],
    ["agents' port", config.collector.ingest.listen],
  ] as const;
  return Promise.all(
    wanted.map(async ([what, address]): Promise<Finding> => {
      const { port } = parseAddress(address);
      return (await isFree(port))
        ? { what, status: "good", said: `${port} is free.` }
        : {
            what,
            status: "broken",
            said: `${port} is taken by another program.`,
            cure: "End it, or choose another port in the configuration.",
          };
    }),
  );
}
