import { expect, it } from "vitest";
import { Generations } from "./generations.ts";

it("keeps what was set or read last, within bounds", () => {
  const map = new Generations<number, number>(10);
  for (let i = 0; i < 1_000; i++) {
    map.set(i, i * 2);
    expect(map.get(0)).toBe(0);
    for (let back = 0; back < Math.min(9, i); back++) expect(map.get(i - back)).toBe((i - back) * 2);
    expect(map.size).toBeLessThanOrEqual(20);
  }
  expect(map.get(500)).toBeUndefined();
});
