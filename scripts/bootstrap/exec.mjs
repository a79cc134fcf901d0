/** Runs the set-up's own programs: their output goes to the log, a failure becomes a sentence. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { logFile, root } from "./paths.mjs";
import { Problem, problemFrom } from "./problem.mjs";

const TAIL = 60;
const running = new Set();

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** A set-up that is told to end takes its children along, or they would write beside the next one. Returns the undo. */
export const endWithChildren = () => {
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const end = () => {
      for (const child of running) child.kill("SIGTERM");
      process.exit(code);
    };
    process.on(signal, end);
    return () => process.off(signal, end);
  });
  return () => {
    for (const undo of handlers) undo();
  };
};

/** How often a running program is looked at for signs of life. */
const LOOK_MS = 1_000;

/** Ends a child that shows no new `sign` for `stallMs`: npm sometimes waits for ever on its own cache. */
const watch = (child, stallMs, sign) => {
  let last = sign();
  let since = Date.now();
  const timer = setInterval(() => {
    const now = sign();
    if (now !== last) {
      last = now;
      since = Date.now();
    } else if (Date.now() - since > stallMs) {
      timer.stalled = true;
      child.kill("SIGKILL");
      // A grandchild that keeps the pipes open must not keep us.
      child.stdout.destroy();
      child.stderr.destroy();
    }
  }, LOOK_MS);
  return timer;
};

/**
 * Runs a program to its end; `onLine` sees each line of its output. One that shows no life for `stallMs` (no output,
 * no new `sign`) is ended and started again, `tries` times in all. Throws a Problem that begins with `failure`.
 */
export const exec = async (
  file,
  args,
  { failure, onLine, env, stallMs = 120_000, sign = () => 0, tries = 3 },
) => {
  for (let attempt = 1; ; attempt++) {
    const { ok, stalled, code, tail } = await once(file, args, { failure, onLine, env, stallMs, sign });
    if (ok) return;
    if (!stalled) throw problemFrom(`${failure} (exit ${code})`, tail.join("\n"), logFile);
    if (attempt === tries)
      throw new Problem(
        `${failure}\n  It made no progress for ${stallMs / 1000} s, ${tries} times. Check the connection to the package registry, then run the command again.`,
      );
  }
};

const once = (file, args, { failure, onLine = () => {}, env = {}, stallMs, sign }) =>
  new Promise((resolve, reject) => {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: "a" }).on("error", () => {});
    log.write(`\n$ ${[file, ...args].join(" ")}\n`);
    const tail = [];
    let lines = 0;
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    const watcher = watch(child, stallMs, () => `${lines} ${sign()}`);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines += 1;
        log.write(`${line}\n`);
        tail.push(line);
        if (tail.length > TAIL) tail.shift();
        onLine(line);
      });
    }
    child.on("error", (error) => {
      clearInterval(watcher);
      running.delete(child);
      const missing = `${failure}\n  The program ${file} was not found. Install it (npm comes with Node.js), then run the command again.`;
      reject(error.code === "ENOENT" ? new Problem(missing) : error);
    });
    child.on("close", (code, signal) => {
      clearInterval(watcher);
      running.delete(child);
      log.end(`exit ${code ?? signal}\n`);
      resolve({ ok: code === 0, stalled: watcher.stalled === true, code: code ?? signal, tail });
    });
  });
