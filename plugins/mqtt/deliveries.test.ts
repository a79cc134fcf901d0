import { appendFileSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Deliveries } from "./deliveries.ts";
import { DeliveryLog } from "./delivery-log.ts";
import type { Publish } from "./publish.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "vedette-deliveries-"));
});

const fail = (error: unknown): never => {
  throw error;
};
const open = (end = 0): Deliveries => new Deliveries(new DeliveryLog(dir, fail), end);
const message = (messageId: number, text: string, dup = false): Publish => ({
  ...{ topic: "t", qos: 1, dup, retain: false, messageId },
  payload: Buffer.from(text),
  payloadBytes: text.length,
});
const take = (deliveries: Deliveries, from: number, count: number, end = from): void => {
  for (let id = from; id < from + count; id++) deliveries.taken(message(id, `m${id}`), end + id - from + 1);
};
const idsOf = (due: readonly { readonly messageId: number }[]): number[] =>
  due.map(({ messageId }) => messageId);

describe("deliveries", () => {
  it("become due in their order, and only once", () => {
    const deliveries = open();
    take(deliveries, 1, 5, 100);
    expect(idsOf(deliveries.durable(103))).toEqual([1, 2, 3]);
    expect(deliveries.inFlight).toBe(2);
    expect(deliveries.durable(103)).toEqual([]);
    expect(idsOf(deliveries.durable(105))).toEqual([4, 5]);
  });

  it("that wait for the disk are owed again only to a connection that delivered them again", () => {
    const deliveries = open();
    take(deliveries, 1, 3, 0);
    deliveries.connected(true);
    expect(deliveries.judge(message(2, "m2", true))).toBe("wait");
    expect(idsOf(deliveries.durable(3))).toEqual([2]);
    expect(deliveries.judge(message(1, "m1", true))).toBe("acknowledge");
  });

  it("are recognised in another life by id, flag and content, as far as they were on disk", () => {
    take(open(), 7, 4, 10);
    const after = open(13);
    after.connected(true);
    expect(after.judge(message(8, "m8", true))).toBe("acknowledge");
    expect(after.judge(message(8, "m8"))).toBe("take");
    expect(after.judge(message(8, "other", true))).toBe("take");
    expect(after.judge(message(10, "m10", true))).toBe("take");
    after.connected(false);
    expect(after.judge(message(7, "m7", true))).toBe("take");
    expect(open(13).judge(message(7, "m7", true))).toBe("take");
  });

  it("are remembered for every message id, in files that do not grow for ever", () => {
    const deliveries = open();
    for (let turn = 0; turn < 3; turn++) take(deliveries, 1, 65_535, turn * 65_535);
    const size = statSync(join(dir, "deliveries")).size + statSync(join(dir, "deliveries.older")).size;
    expect(size).toBeLessThan(2 * 65_536 * 24);
    deliveries.close();
    const after = open(3 * 65_535);
    expect(after.judge(message(1, "m1", true))).toBe("acknowledge");
    expect(after.judge(message(65_535, "m65535", true))).toBe("acknowledge");
  });

  it("survive a file that is nonsense or torn", () => {
    take(open(), 1, 2, 0);
    appendFileSync(join(dir, "deliveries"), "x y z\n12 3");
    expect(open(2).judge(message(2, "m2", true))).toBe("acknowledge");
  });
});
