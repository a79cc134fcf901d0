import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Progress } from "./progress.ts";

describe("the progress of a partition", () => {
  it("commits the place behind the last record before which all are done, whatever the order and the gaps", () => {
    const records = fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (some, choices) => {
        const offsets = some.sort((a, b) => a - b).map(BigInt);
        const progress = new Progress();
        const open = new Map(offsets.map((offset) => [offset, progress.begin(offset)]));
        for (const choice of choices) {
          const [offset, finish] = [...open][choice % open.size] ?? [];
          if (offset === undefined || finish === undefined) break;
          open.delete(offset);
          finish();
          const hole = open.keys().next().value;
          const before = offsets.filter((each) => hole === undefined || each < hole);
          const last = before.at(-1);
          expect(progress.due).toBe(last === undefined ? undefined : last + 1n);
          expect(progress.pending).toBe(offsets.length - before.length);
          if (open.size === 0) break;
        }
      }),
    );
  });

  it("has nothing to commit twice", () => {
    const progress = new Progress();
    const finish = progress.begin(7n);
    expect(progress.due).toBeUndefined();
    finish();
    expect(progress.due).toBe(8n);
    progress.committed(8n);
    expect(progress.due).toBeUndefined();
  });
});
