/** One set-up at a time in a checkout; the others wait for it. */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Problem } from "./problem.mjs";

const BEAT_MS = 2_000;
const DEAD_AFTER_MS = 20_000;
const PATIENCE_MS = 20 * 60_000;
const POLL_MS = 250;

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** The lock's holder, or `undefined` when there is none or it is dead (its process is gone, or its heart stopped). */
const holderOf = (file) => {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8"));
    const silent = Date.now() - statSync(file).mtimeMs;
    const dead = silent > DEAD_AFTER_MS || (holder.host === hostname() && !alive(holder.pid));
    return dead ? undefined : holder;
  } catch (error) {
    // Half written by a process that died, or being written this moment: the age decides.
    if (error instanceof SyntaxError)
      return Date.now() - statSync(file, { throwIfNoEntry: false })?.mtimeMs < DEAD_AFTER_MS
        ? { pid: 0 }
        : undefined;
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
};

const take = (file) => {
  try {
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  }
};

/** Sets a dead holder's file aside. Of two that try, `rename` lets one succeed; the other finds the file gone. */
const bury = (file) => {
  const grave = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, grave);
    // Between our look and the rename another start may have buried the dead one and taken the lock: give it back.
    if (holderOf(grave) !== undefined) linkSync(grave, file);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(grave, { force: true });
};

/** Runs `work` while holding the lock in `folder`, waiting for another holder with a line that says so. */
export const withLock = async (
  folder,
  work,
  { say = (line) => process.stderr.write(`${line}\n`), patienceMs = PATIENCE_MS } = {},
) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "lock");
  const deadline = Date.now() + patienceMs;
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === undefined) {
      bury(file);
      continue;
    }
    if (!told) say(`Another start (process ${holder.pid}) is setting up this checkout; waiting for it.`);
    told = true;
    if (Date.now() > deadline)
      throw new Problem(`Process ${holder.pid} still holds ${file}. End it, then try again.`);
    await pause(POLL_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // The folder was removed under us; the work itself will say so.
    }
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
};
