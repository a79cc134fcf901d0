import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "@vedette/sdk/testing";

const binary = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto"].find((path) => existsSync(path));

/** Why the real broker cannot be used; undefined where it can. CI installs it, so there it must be. */
export const noMosquitto: string | undefined =
  binary !== undefined && existsSync("/usr/bin/mosquitto_pub") ? undefined : "mosquitto is not installed";

/** A real mosquitto on loopback, in a folder of its own, that a test may stop and start again. */
export class Mosquitto {
  readonly dir = mkdtempSync(join(tmpdir(), "vedette-mqtt-"));
  readonly port: number;
  #child: ChildProcess | undefined;
  readonly #publishers = new Set<ChildProcess>();
  #output = "";

  private constructor(port: number) {
    this.port = port;
  }

  /** `lines` are added to its configuration. */
  static async start(lines: (dir: string) => readonly string[] = () => []): Promise<Mosquitto> {
    const broker = new Mosquitto(await freePort());
    const config = [
      "per_listener_settings false",
      `listener ${broker.port} 127.0.0.1`,
      "persistence true",
      `persistence_location ${broker.dir}/`,
      "autosave_interval 1",
      "autosave_on_changes true",
      "max_queued_messages 0",
      "log_dest stderr",
      ...(process.getuid?.() === 0 ? ["user root"] : []),
      ...lines(broker.dir),
    ];
    if (!config.some((line) => line.startsWith("allow_anonymous"))) config.push("allow_anonymous true");
    writeFileSync(join(broker.dir, "mosquitto.conf"), `${config.join("\n")}\n`);
    await broker.up();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const child = spawn(binary ?? "mosquitto", ["-c", join(this.dir, "mosquitto.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#output = (this.#output + text).slice(-20_000);
    });
    this.#child = child;
    await eventually("mosquitto", () => listens(this.port)).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#output}`, { cause: error });
    });
  }

  async down(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    for (const publisher of this.#publishers) publisher.kill("SIGKILL");
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** Publishes each line as a message and resolves when the broker has all of them. */
  publish(topic: string, lines: readonly string[], ...more: string[]): Promise<void> {
    const args = ["-h", "127.0.0.1", "-p", String(this.port), "-t", topic, "-q", "1", "-l", ...more];
    const child = spawn("/usr/bin/mosquitto_pub", args, { stdio: ["pipe", "ignore", "pipe"] });
    let trouble = "";
    this.#publishers.add(child);
    child.once("close", () => this.#publishers.delete(child));
    child.stdin.on("error", () => {});
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      trouble += text;
    });
    child.stdin.end(lines.map((line) => `${line}\n`).join(""));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`mosquitto_pub: ${trouble}`)),
      );
    });
  }
}

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
