import { expect, it } from "vitest";
import { RestartPolicy } from "./restarts.ts";

it("waits longer after each short life and rests when they come in a row", () => {
  const policy = new RestartPolicy();
  const waits = Array.from({ length: 12 }, (_, i) => policy.next(i * 1_000, 10));
  expect(waits.map((wait) => wait.afterMs)).toEqual([
    100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 2_000, 2_000, 15_000, 15_000,
  ]);
  expect(waits.map((wait) => wait.tripped)).toEqual([...Array<boolean>(10).fill(false), true, true]);
});

it("forgets ends that are long past, and those before a sound life", () => {
  const policy = new RestartPolicy();
  for (let i = 0; i < 5; i++) policy.next(i, 0);
  expect(policy.next(120_000, 0)).toEqual({ afterMs: 100, tripped: false });
  expect(policy.next(120_500, 0)).toEqual({ afterMs: 200, tripped: false });
  expect(policy.next(122_000, 1_500)).toEqual({ afterMs: 100, tripped: false });
});
