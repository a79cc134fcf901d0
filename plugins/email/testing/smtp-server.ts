import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "@vedette/sdk/testing";

const python = "/usr/bin/python3";

/** Why there is no real SMTP server here; undefined where there is. CI installs it, so there it must be. */
export function noSmtpServer(): string | undefined {
  try {
    execFileSync(python, ["-c", "import aiosmtpd"], { stdio: "ignore" });
    return undefined;
  } catch {
    return process.env["CI"] === "true" ? undefined : "skipped: python3-aiosmtpd is not installed";
  }
}

/** A message as the server took it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, a character a byte. */
  readonly content: string;
  readonly tls: boolean;
  readonly login: boolean;
}

/** A real SMTP server on loopback. */
export class SmtpServer {
  readonly received: Received[] = [];
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(options: {
    readonly mode: "plain" | "starttls" | "tls";
    readonly auth?: boolean;
    readonly cert?: string;
    readonly key?: string;
  }): Promise<SmtpServer> {
    const port = await freePort();
    const script = fileURLToPath(new URL("./server.py", import.meta.url));
    const child = spawn(python, [script, JSON.stringify({ ...options, port })], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const server = new SmtpServer(port, child);
    let [text, trouble] = ["", ""];
    child.stderr.setEncoding("utf8").on("data", (said: string) => {
      trouble += said;
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`The SMTP server ended: ${trouble.slice(-2_000)}`)));
      child.stdout.setEncoding("utf8").on("data", (said: string) => {
        const lines = (text + said).split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) {
          if (line === "ready") resolve();
          else server.received.push(JSON.parse(line) as Received);
        }
      });
    });
    return server;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }
}
