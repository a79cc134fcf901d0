import { expect, it } from "vitest";
import { RestartPolicy } from "./restarts.ts";

it("waits longer after each end and rests when they come in a row", () => {
  const policy = new RestartPolicy();
  const waits = Array.from({ length: 8 }, (_, i) => policy.next(i * 1_000));
  expect(waits.map((wait) => wait.afterMs)).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 30_000, 30_000]);
  expect(waits.map((wait) => wait.tripped)).toEqual([false, false, false, false, false, false, true, true]);
});

it("forgets ends that are long past", () => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 5; i++) policy.next(i);
  expect(policy.next(120_000)).toEqual({ afterMs: 200, tripped: false });
});
