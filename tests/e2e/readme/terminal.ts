import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

const SCRIPT_MS = 120_000;
const START_MS = 240_000;
const STOP_MS = 30_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell in a folder, as a person has one: scripts one after the other, and some that go on in the background. */
export class Terminal {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #background: ChildProcess[] = [];

  constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#env = env;
  }

  setEnv(name: string, value: string): void {
    this.#env[name] = value;
  }

  #spawn(script: string): { readonly child: ChildProcess; readonly out: { stdout: string; stderr: string } } {
    const child = spawn("sh", ["-eu", "-c", script], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that the end of the test reaches everything the script started.
      detached: true,
    });
    const out = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      out.stderr += text;
    });
    return { child, out };
  }

  /** Runs a script to its end, or ends it after two minutes. */
  async run(script: string): Promise<Ran> {
    const { child, out } = this.#spawn(script);
    const timer = setTimeout(() => signal(child, "SIGKILL"), SCRIPT_MS);
    const [code] = (await once(child, "close")) as [number | null];
    clearTimeout(timer);
    return { code, ...out };
  }

  /** Starts a script and returns what it has printed when `until` is found in it. */
  async start(script: string, until: RegExp | undefined): Promise<string> {
    const { child, out } = this.#spawn(script);
    this.#background.push(child);
    const deadline = Date.now() + START_MS;
    while (until !== undefined && !until.test(out.stdout + out.stderr)) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || Date.now() > deadline) {
        throw new Error(
          `"${script.trim()}" ${ended ? "ended" : "did not say"} before ${until}:\n${out.stdout}${out.stderr}`,
        );
      }
      await pause(50);
    }
    return out.stdout + out.stderr;
  }

  /** Asks everything in the background to end, as Ctrl-C would. Throws when something had to be killed. */
  async stop(): Promise<void> {
    const stuck = await Promise.all(this.#background.splice(0).reverse().map(stopOne));
    if (stuck.includes(true)) throw new Error(`Something did not end within ${STOP_MS / 1_000} s of Ctrl-C.`);
  }
}

/** Ends a script with all that it started and says whether it had to be killed. */
async function stopOne(child: ChildProcess): Promise<boolean> {
  // Only the pipes tell that the last process of the group is gone.
  const closed = child.stdout?.closed ? Promise.resolve() : once(child, "close");
  let killed = false;
  signal(child, "SIGINT");
  const timer = setTimeout(() => {
    killed = true;
    signal(child, "SIGKILL");
  }, STOP_MS);
  await closed;
  clearTimeout(timer);
  return killed;
}

const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
