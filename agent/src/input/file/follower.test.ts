import { linesOf } from "@vedette/core/kernels";
import { expect, it } from "vitest";
import type { Content } from "./content.ts";
import { Follower } from "./follower.ts";
import { type Fingerprint, fingerprintOf } from "./identity.ts";
import type { FileRecord } from "./registry.ts";

it("hands on nothing of a file that grew since its head was noted and does not tell it yet", async () => {
  const bytes = Buffer.from(`${"a line that tells this file from others, at length".repeat(2)}\n`);
  const content: Content = {
    fd: 1,
    read: async (buffer, offset) => bytes.copy(buffer, 0, offset),
    before: () => Buffer.alloc(0),
    close: () => undefined,
  };
  const record = { head: fingerprintOf(Buffer.alloc(0)) as Fingerprint };
  let handedOn = 0;
  const taker = { line: async () => void handedOn++ };
  const follower = new Follower(record as FileRecord, content, 0, "a.log", 1_000, taker as never, 0);
  const kernel = linesOf(4_096);
  expect(await follower.turn(kernel)).toBe("more");
  expect([handedOn, follower.readAt]).toEqual([0, 0]);
  record.head = fingerprintOf(bytes);
  expect(await follower.turn(kernel)).toBe("end");
  expect([handedOn, follower.readAt]).toEqual([1, bytes.length]);
});
