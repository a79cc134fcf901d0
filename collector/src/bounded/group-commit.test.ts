import { describe, expect, it } from "vitest";
import { GroupCommit } from "./group-commit.ts";

describe("a group commit", () => {
  it("writes the first at once and those that come meanwhile together, in order and bounded", async () => {
    const writes: number[][] = [];
    const group = new GroupCommit<number>(async (items) => {
      await new Promise((resolve) => setImmediate(resolve));
      writes.push([...items]);
    }, 3);
    await Promise.all([1, 2, 3, 4, 5, 6].map((item) => group.add(item)));
    await group.add(7);
    expect(writes).toEqual([[1], [2, 3, 4], [5, 6], [7]]);
  });

  it("tells everyone of a failed write, and goes on with the next", async () => {
    let fail = true;
    const group = new GroupCommit<number>(
      () => (fail ? Promise.reject(new Error("full")) : Promise.resolve()),
      10,
    );
    const results = await Promise.allSettled([group.add(1), group.add(2)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fail = false;
    await expect(group.add(3)).resolves.toBeUndefined();
  });
});
