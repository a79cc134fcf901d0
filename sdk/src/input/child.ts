import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Logger } from "../deps.ts";
import { messageOf } from "../errors.ts";
import { LineStream } from "./line-stream.ts";

/** A program to run: no shell reads any of it. */
export interface ChildCommand {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** All of its environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads on stdin, which then ends; an empty stdin when left out. */
  readonly input?: string | undefined;
  /** Ends whatever the program leaves behind in its process group when it has ended. */
  readonly endGroup?: boolean | undefined;
}

/** How a program ended. `error` says why it could not start. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: string;
  /** The last lines it wrote to stderr, at most 4 KiB. */
  readonly stderr: string;
}

/** A running program whose stdout is read as a stream of bytes: what is not read makes it wait. */
export interface Child {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  /** Resolves when the program has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Asks its process group to end, and after `graceMs` makes it. Safe to call twice. */
  stop(graceMs?: number): void;
}

const stderrLineBytes = 2_048;
const stderrKept = 4_096;
/** Lines of stderr that one program may put into the log. */
const stderrLogLines = 100;
/** How long a grandchild may hold stdout and stderr open after the program has ended. */
const lingerMs = 1_000;

/** Starts a program in a process group of its own. Its stderr goes to the log as far as the bounds allow. */
export function startChild(command: ChildCommand, log: Logger): Child {
  const [file = "", ...args] = command.argv;
  const child = spawn(file, args, {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: [command.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    shell: false,
    detached: true,
    windowsHide: true,
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  // A program that does not read its stdin closes it.
  child.stdin?.on("error", () => {}).end(command.input);
  const stderr = followStderr(child.stderr, log);
  let ended = false;
  let stopping = false;
  let killTimer: NodeJS.Timeout | undefined;
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      ended = true;
      resolve({ code: null, signal: null, error: messageOf(error), stderr: stderr() });
    });
    child.once("exit", (code, signal) => {
      ended = true;
      clearTimeout(killTimer);
      if (command.endGroup || stopping) signalGroup(child.pid, "SIGKILL");
      const linger = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, lingerMs);
      child.once("close", () => {
        clearTimeout(linger);
        resolve({ code, signal, stderr: stderr() });
      });
    });
  });
  const stop = (graceMs = 2_000): void => {
    if (ended || stopping) return;
    stopping = true;
    signalGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
    // Nobody may be reading any more; a program that waits for its reader must still end.
    child.stdout.resume();
  };
  return { pid: child.pid, stdout: child.stdout, exited, stop };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Logs the lines of stderr, and gives the last of them. */
function followStderr(stream: Readable, log: Logger): () => string {
  const lines = new LineStream(stderrLineBytes);
  let logged = 0;
  let kept = "";
  const take = (line: string): void => {
    kept = `${kept}${line}\n`.slice(-stderrKept);
    logged++;
    if (logged <= stderrLogLines) log.warn({ line }, "A program wrote to its stderr.");
    if (logged === stderrLogLines) {
      log.warn({}, "The program writes much to its stderr; the rest is left out of the log.");
    }
  };
  stream.on("data", (chunk: Buffer) => {
    for (const { raw } of lines.take(chunk)) take(raw);
  });
  stream.on("end", () => {
    const last = lines.rest();
    if (last) take(last.raw);
  });
  stream.on("error", () => {});
  return () => kept.trimEnd();
}
