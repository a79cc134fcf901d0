import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "@vedette/sdk";
import { RotatingFile } from "./rotating-file.ts";
import { type SampleFile, Traffic } from "./traffic.ts";

const MINUTE = 60_000;
/** How far back the first lines go. */
const HISTORY = 20 * MINUTE;
/** After a longer gap, such as a suspended machine, only this much is filled in. */
const MAX_GAP = 5 * MINUTE;
const TICK = 500;
/** Of each file, of which one rotated predecessor is kept: about 24 MB in all. */
const MAX_BYTES = 4 << 20;

const files: readonly { readonly file: SampleFile; readonly dataType: string }[] = [
  { file: "nginx/access.log", dataType: "nginx" },
  { file: "auth.log", dataType: "sshd" },
  { file: "traefik/access.json", dataType: "traefik" },
];

export interface SampleOptions {
  /** Ends the live part. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Ordinary lines a second over all files, 0 to 100. */
  readonly rate?: number;
  readonly seed?: number;
  /** Bytes at which a file is rotated. */
  readonly maxBytes?: number;
}

/** Running samples: which files they write, and how to make them go on. */
export interface Samples {
  readonly files: readonly { readonly path: string; readonly dataType: string }[];
  /** Lines written so far. */
  readonly written: number;
  /** Writes everything up to the clock's now. Called by the live part; tests call it themselves. */
  advance(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the sample files below `dir` and writes twenty minutes of history up to now. Where a run before has left
 * files, history begins after their last line, so nothing is told twice.
 */
export async function openSamples(dir: string, options: Omit<SampleOptions, "signal">): Promise<Samples> {
  const { clock, rate = 4, seed = 7, maxBytes = MAX_BYTES } = options;
  const targets = new Map(files.map(({ file }) => [file, new RotatingFile(join(dir, file), maxBytes)]));
  const traffic = new Traffic(seed, rate);
  let reached = clock.now() - HISTORY;
  for (const target of targets.values()) reached = Math.max(reached, await target.open());
  let written = 0;
  const advance = async (limit = MAX_GAP): Promise<void> => {
    const now = clock.now();
    const from = Math.max(reached, now - limit);
    // A clock set back: wait until it has caught up rather than write lines out of order.
    if (now <= reached) return;
    reached = now;
    const lines = new Map<SampleFile, string[]>(files.map(({ file }) => [file, []]));
    for (const { file, text } of traffic.between(from, now)) lines.get(file)?.push(text);
    for (const [file, texts] of lines) {
      await targets.get(file)?.append(texts);
      written += texts.length;
    }
  };
  await advance(HISTORY);
  return {
    files: files.map(({ file, dataType }) => ({ path: join(dir, file), dataType })),
    get written() {
      return written;
    },
    advance: () => advance(),
    close: async () => {
      for (const target of targets.values()) await target.close();
    },
  };
}

/** What `startSamples` gives back once the history is written. */
export interface RunningSamples extends Pick<Samples, "files"> {
  /** Lines of history written before this was returned. */
  readonly history: number;
  /** Settles after the signal: resolves when the files are closed, rejects when they could not be written. */
  readonly done: Promise<void>;
}

/**
 * Writes made-up logs for a first look: history at once, then live lines until the signal aborts.
 * The hosts are under example.net and the addresses drawn at random; nothing in them ever happened.
 */
export async function startSamples(dir: string, options: SampleOptions): Promise<RunningSamples> {
  const { signal } = options;
  const samples = await openSamples(dir, options);
  const live = async (): Promise<void> => {
    try {
      while (!signal.aborted) {
        await delay(TICK, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) await samples.advance();
      }
    } finally {
      await samples.close();
    }
  };
  return { files: samples.files, history: samples.written, done: live() };
}
