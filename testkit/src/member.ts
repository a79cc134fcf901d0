import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Running, vedette } from "./vedette.ts";

/** A program of ours with a folder and a configuration of its own, that a test may kill and start again. */
export class Member {
  readonly name: string;
  readonly dir: string;
  readonly #part: "agent" | "collector";
  readonly #ended: string[] = [];
  #running: Running | undefined;

  constructor(part: "agent" | "collector", name: string, dir: string, config: object) {
    this.#part = part;
    this.name = name;
    this.dir = dir;
    mkdirSync(join(dir, "logs"), { recursive: true });
    this.configure(config);
  }

  /** Writes another configuration, for the next start or `SIGHUP`. */
  configure(config: object): void {
    writeFileSync(join(this.dir, "vedette.yaml"), stringify({ [this.#part]: config }));
  }

  /** The process, while it was not killed by us. */
  get running(): Running | undefined {
    return this.#running;
  }

  start(): void {
    const running = vedette([this.#part, "--config", join(this.dir, "vedette.yaml")], { cwd: this.dir });
    this.#running = running;
    void running.exited.then(({ code, signal }) => {
      const end = `--- ${this.name} ${running.pid} ended with ${signal ?? code}`;
      this.#ended.push(`${end}\n${running.stderr().slice(-4_000)}`);
    });
  }

  /** Stops the process where it is, lets it go on, or has it read its configuration again. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGHUP"): void {
    this.#running?.kill(signal);
  }

  /** Kills without warning, or asks it to end, and waits until it is gone. */
  async end(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.kill(signal);
    // A stopped process heeds nothing but SIGKILL.
    if (signal === "SIGTERM") running?.kill("SIGCONT");
    await running?.exited;
  }

  /** What it said last, in this life and those before. */
  log(): string {
    const now = this.#running;
    const living = now ? [`--- ${this.name} ${now.pid} (running)\n${now.stderr().slice(-4_000)}`] : [];
    return [...this.#ended.slice(-2), ...living].join("\n");
  }
}
