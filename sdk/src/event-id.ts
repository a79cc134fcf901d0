import { hash } from "node:crypto";
import type { Clock } from "./deps.ts";
import type { Checkpoint } from "./input.ts";

/**
 * The first 20 hex digits of every event id of a source. The offset makes the other 12, so a log read twice has
 * one id, two logs never share one within a source, and no hash is computed per log.
 */
export const idPrefix = (agentId: string, source: string): string =>
  hash("sha256", `${agentId}\n${source}`, "hex").slice(0, 20);

/** The id of the log at an offset. */
export const eventId = (prefix: string, offset: number): string =>
  prefix + offset.toString(16).padStart(12, "0");

/**
 * Where a source that has no offsets of its own goes on counting. Without a checkpoint from the clock, so that a lost
 * state folder does not give the ids of older events to new ones; it fits 48 bits until 2106.
 */
export const firstOffset = (checkpoint: Checkpoint | undefined, clock: Clock): number =>
  checkpoint?.end ?? Math.max(0, Math.floor(clock.now() / 1_000)) * 2 ** 16;
