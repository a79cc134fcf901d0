import { z } from "zod";
import type { JsonMap } from "../run/envelope.ts";

const memory = z.object({
  version: z.literal(1),
  state: z.record(z.string(), z.unknown()),
  notBefore: z.number().min(0).default(0),
  failures: z.int().min(0).default(0),
  page: z.object({ from: z.int().min(0), rows: z.array(z.unknown()) }).optional(),
});

/** Rows that are handed on, and the number that the first of them was to get where they go. */
export interface PendingPage {
  readonly from: number;
  readonly rows: readonly unknown[];
}

/** What is remembered of a task between its runs. */
export interface TaskMemory {
  /** The plugin's cursor. */
  readonly state: JsonMap;
  /** No run before this time, milliseconds since 1970. */
  readonly notBefore: number;
  /** Runs that failed one after the other. */
  readonly failures: number;
  /** A page that came with this cursor, until its rows are durable: one file holds both, so that neither is without the other. */
  readonly page?: PendingPage | undefined;
}

/** A cursor has at most so many characters as JSON. */
export const maxStateChars = 256 * 1_024;

export const emptyMemory: TaskMemory = { state: {}, notBefore: 0, failures: 0 };

/** Reads what was saved; anything else counts as nothing, and the task begins again. */
export function readMemory(saved: JsonMap | undefined): TaskMemory {
  const read = memory.safeParse(saved);
  return read.success ? read.data : emptyMemory;
}

export const writeMemory = (value: TaskMemory): JsonMap => ({ version: 1, ...value });

const limitedMs = { first: 60_000, longest: 3_600_000 };
const failedMs = { first: 10_000, longest: 600_000 };

/** How long a task waits after so many failures in a row, milliseconds: doubled each time, up to an hour. */
export function backOffMs(failures: number, rateLimited: boolean): number {
  const { first, longest } = rateLimited ? limitedMs : failedMs;
  return Math.min(longest, first * 2 ** Math.min(20, Math.max(0, failures - 1)));
}
