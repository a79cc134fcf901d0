/** Runs the set-up's own programs: their output goes to the log, a failure becomes a sentence. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { logFile, root } from "./paths.mjs";
import { Problem, problemFrom } from "./problem.mjs";

const TAIL = 60;
const running = new Set();

// A set-up that is told to end takes its children along, or they would write beside the next one.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.on(signal, () => {
    if (running.size === 0) return;
    for (const child of running) child.kill("SIGTERM");
    process.exit(code);
  });
}

/** Runs a program to its end; `onLine` sees each line of its output. Throws a Problem that begins with `failure`. */
export const exec = (file, args, { failure, onLine = () => {}, env = {} }) =>
  new Promise((resolve, reject) => {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: "a" }).on("error", () => {});
    log.write(`\n$ ${[file, ...args].join(" ")}\n`);
    const tail = [];
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.write(`${line}\n`);
        tail.push(line);
        if (tail.length > TAIL) tail.shift();
        onLine(line);
      });
    }
    child.on("error", (error) => {
      running.delete(child);
      reject(
        error.code === "ENOENT"
          ? new Problem(
              `${failure}\n  The program ${file} was not found. Install it (npm comes with Node.js), then run the command again.`,
            )
          : error,
      );
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      log.end(`exit ${code ?? signal}\n`);
      if (code === 0) resolve(tail);
      else reject(problemFrom(`${failure} (exit ${code ?? signal})`, tail.join("\n"), logFile));
    });
  });
