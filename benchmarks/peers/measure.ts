import { spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { pause, usageOf } from "@vedette/testkit";

/** What a program used until its work was done. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMiB: number;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** True when all of the input has come out. */
  done(): boolean | Promise<boolean>;
}

/** Runs a program until its work is done, then ends it. Throws with what it said when it ends or stalls before. */
export async function measure(program: Program, limitMs = 600_000): Promise<Usage> {
  const child = spawn(program.command, [...program.args], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const pid = child.pid ?? 0;
  const began = performance.now();
  let last = { cpuSeconds: 0, peakBytes: 0 };
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    while (!(await program.done())) {
      if (child.exitCode !== null) throw new Error(`${program.command} ended too early: ${said}`);
      if (performance.now() - began > limitMs) throw new Error(`${program.command} did not finish: ${said}`);
      last = usageOf(pid);
      await pause(50);
    }
    last = usageOf(pid);
    const wallSeconds = (performance.now() - began) / 1_000;
    return { cpuSeconds: last.cpuSeconds, wallSeconds, peakMiB: Math.round(last.peakBytes / 2 ** 20) };
  } finally {
    child.kill("SIGTERM");
    await Promise.race([exited, pause(8_000)]);
    child.kill("SIGKILL");
  }
}

/** Counts the lines of a file that grows, reading only what is new. */
export class LineCount {
  readonly #file: string;
  readonly #buffer = Buffer.allocUnsafe(1 << 20);
  #at = 0;
  #lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get(): number {
    if (!existsSync(this.#file)) return 0;
    const descriptor = openSync(this.#file, "r");
    try {
      const { size } = fstatSync(descriptor);
      while (this.#at < size) {
        const read = readSync(descriptor, this.#buffer, 0, this.#buffer.length, this.#at);
        const view = this.#buffer.subarray(0, read);
        for (let at = view.indexOf(10); at >= 0; at = view.indexOf(10, at + 1)) this.#lines++;
        this.#at += read;
      }
      return this.#lines;
    } finally {
      closeSync(descriptor);
    }
  }
}
