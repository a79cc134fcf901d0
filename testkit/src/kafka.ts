import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "@vedette/sdk/testing";
import { withLock } from "../../scripts/bootstrap/lock.mjs";
import { kafkaProperties, type SecureListener } from "./kafka-properties.ts";
import { smallDisk } from "./small-disk.ts";
import { pause, until } from "./until.ts";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const pom = join(root, "deploy", "kafka", "pom.xml");

/** Why no broker can be started here; undefined where one can. Throws in CI, whose script installs both programs. */
export async function noKafka(): Promise<string | undefined> {
  try {
    await Promise.all([exec("java", ["-version"]), exec("mvn", ["-version"])]);
    return undefined;
  } catch (error) {
    const missing = "java and mvn are not installed";
    if (process.env["CI"] === "true") throw new Error(`${missing}; .ci/run installs them.`, { cause: error });
    return missing;
  }
}

/** The folder of the broker's jars, copied there by Maven the first time; by one process, while others wait for it. */
export async function kafkaJars(): Promise<string> {
  const version = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 12);
  const dir = join(root, ".tools", "kafka", version);
  const done = join(dir, ".done");
  if (existsSync(done)) return dir;
  const say = (): void => undefined;
  const fetched = async (): Promise<void> => {
    if (existsSync(done)) return;
    const copy = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${dir}`];
    for (let attempt = 1; ; attempt++) {
      try {
        await exec("mvn", copy, { timeout: 600_000 });
        break;
      } catch (error) {
        // A registry that is away for a moment says nothing of what is tested.
        if (attempt === 3) throw error;
        await pause(attempt * 5_000);
      }
    }
    writeFileSync(done, "");
  };
  await withLock(`${dir}.lock`, fetched, { say });
  return dir;
}

export interface KafkaOptions {
  /** Nodes of the cluster, each broker and controller. */
  readonly brokers?: number;
  /** A second listener of each node with SASL, and TLS where it has a certificate. */
  readonly secure?: Omit<SecureListener, "port">;
  /** Lines added to `server.properties`. */
  readonly properties?: readonly string[];
  /** Puts the data of one node on a small disk of its own, where this machine lets us. */
  readonly smallDisk?: { readonly node: number; readonly mebibytes: number };
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly securePort: number | undefined;
  readonly dir: string;
  child: ChildProcess | undefined;
  output: string;
}

/** A real Apache Kafka cluster (KRaft) on loopback, in a folder of its own. Nodes may be killed and started again. */
export class Kafka {
  readonly #jars: string;
  readonly #nodes: readonly Node[];
  readonly #dir: string;
  #unmount: (() => void) | undefined;
  #smallDir: string | undefined;

  private constructor(jars: string, dir: string, nodes: readonly Node[]) {
    this.#jars = jars;
    this.#dir = dir;
    this.#nodes = nodes;
  }

  /** `host:port` of each node, without protection. */
  get bootstrap(): string[] {
    return this.#nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** `host:port` of each node's listener with SASL; empty where there is none. */
  get secureBootstrap(): string[] {
    return this.#nodes.flatMap(({ securePort }) =>
      securePort === undefined ? [] : [`localhost:${securePort}`],
    );
  }

  static async start({
    brokers = 1,
    secure,
    properties = [],
    smallDisk: small,
  }: KafkaOptions = {}): Promise<Kafka> {
    const jars = await kafkaJars();
    const dir = mkdtempSync(join(tmpdir(), "vedette-kafka-"));
    const ports = await Promise.all(
      Array.from(
        { length: brokers },
        async () => [await freePort(), await freePort(), await freePort()] as const,
      ),
    );
    const voters = ports.map(([, controller], id) => `${id}@127.0.0.1:${controller}`).join(",");
    const nodes = ports.map(([port, , securePort], id): Node => {
      const own = join(dir, String(id));
      mkdirSync(own);
      return {
        id,
        port,
        securePort: secure ? securePort : undefined,
        dir: own,
        child: undefined,
        output: "",
      };
    });
    const cluster = new Kafka(jars, dir, nodes);
    // A name that began with "-" would be read as an option by the tool that formats the disk.
    const uuid = Buffer.from(randomUUID().replaceAll("-", ""), "hex").toString("base64url");
    const clusterId = uuid.replace(/^-/, "v");
    const smallNode = small && nodes[small.node];
    if (smallNode) {
      cluster.#smallDir = join(smallNode.dir, "data");
      cluster.#unmount = smallDisk(cluster.#smallDir, small.mebibytes);
    }
    try {
      await Promise.all(
        nodes.map(async (node, index) => {
          const controllerPort = ports[index]?.[1] ?? 0;
          const listener = secure && { ...secure, port: node.securePort ?? 0 };
          const settings = { ...node, controllerPort, voters, brokers, secure: listener };
          const file = join(node.dir, "server.properties");
          writeFileSync(file, [...kafkaProperties(settings), ...properties, ""].join("\n"));
          const scram = (secure?.users ?? []).flatMap(({ name, password }) =>
            ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
              "--add-scram",
              `${mechanism}=[name=${name},password=${password}]`,
            ]),
          );
          const format = ["kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file, ...scram];
          await exec("java", ["-XX:TieredStopAtLevel=1", "-cp", join(jars, "*"), ...format]);
        }),
      );
      await Promise.all(nodes.map(({ id }) => cluster.up(id)));
    } catch (error) {
      await cluster.stop();
      throw new Error(`${String(error)}\n${cluster.output()}`, { cause: error });
    }
    return cluster;
  }

  /** Starts a node and resolves when it takes connections. */
  async up(id = 0): Promise<void> {
    const node = this.#nodes[id];
    if (!node) throw new RangeError(`There is no node ${id}.`);
    const memory = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const log = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"];
    const main = ["-cp", join(this.#jars, "*"), "kafka.Kafka", join(node.dir, "server.properties")];
    const child = spawn("java", [...memory, ...log, ...main], {
      cwd: node.dir,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer): void => {
      node.output = (node.output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    node.child = child;
    const isUp = (): boolean | Promise<boolean> => child.exitCode !== null || listens(node.port);
    await until(`Kafka node ${id}`, isUp, { timeoutMs: 300_000 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${node.output.slice(-3_000)}`, { cause: error });
    });
    if (child.exitCode !== null) throw new Error(`Kafka node ${id} ended with code ${child.exitCode}.`);
  }

  /** Kills a node without warning, or asks it to end. */
  async down(id = 0, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#nodes[id]?.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops a node where it is, or lets it go on. */
  signal(id: number, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#nodes[id]?.child?.kill(signal);
  }

  /** Whether the process of a node is there. */
  runs(id: number): boolean {
    const child = this.#nodes[id]?.child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** A file on the small disk; undefined where there is none. */
  smallDiskFile(name: string): string | undefined {
    return this.#unmount && this.#smallDir && join(this.#smallDir, name);
  }

  /** What the nodes said last. */
  output(): string {
    return this.#nodes.map(({ id, output }) => `--- node ${id}\n${output}`).join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(({ id }) => this.down(id)));
    this.#unmount?.();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Starts a cluster of `brokers` nodes (default 1) and resolves when all of them take connections. */
export const startKafka = (options: KafkaOptions = {}): Promise<Kafka> => Kafka.start(options);

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
