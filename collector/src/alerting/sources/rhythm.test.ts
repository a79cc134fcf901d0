import { expect, it } from "vitest";
import { alertingConfig } from "../../config/index.ts";
import { compileLimit, firstHeard, heard, type Rhythm, spanMs } from "./rhythm.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = 2_900 * spanMs;
const name = { dataType: "nginx", dataSource: "web-1" };

/** Heard at these times, in hours from the start. */
const heardAt = (hours: readonly number[]): Rhythm =>
  hours.reduce((rhythm: Rhythm | undefined, at) => {
    const time = start + at * hour;
    return rhythm ? heard(rhythm, { from: time, to: time, pause: 0 }, false) : firstHeard(time);
  }, undefined)!;

const limitOf = (rhythm: Rhythm, silentSources: object = {}): number | undefined =>
  compileLimit(alertingConfig.parse({ silentSources }).silentSources)(name, rhythm);

it("says nothing of a source that was watched for less than a day", () => {
  expect(limitOf(heardAt([0, 1, 2]))).toBeUndefined();
  expect(limitOf(heardAt([0, 1, 2, 24]))).toBe(33 * hour);
});

it("waits half an hour at least, for what is heard all the time", () => {
  const often = Array.from({ length: 24 * 60 + 1 }, (_, at) => at / 60);
  expect(limitOf(heardAt(often))).toBe(30 * minute);
});

it("has learned quiet nights", () => {
  const days = Array.from({ length: 5 }, (_, day) => [8, 12, 16, 20].map((at) => day * 24 + at)).flat();
  expect(limitOf(heardAt(days))).toBe(18 * hour);
});

it("forgets a pause after two weeks", () => {
  const quiet = heardAt([0, 30, 31]);
  expect(limitOf(quiet)).toBe(45 * hour);
  const next = heardAt([0, 30, 31, 167, 170]);
  expect(next.pauseBefore).toBe(136 * hour);
  const later = heard(next, { from: next.lastAt, to: start + 2.5 * spanMs, pause: hour }, false);
  expect(limitOf(later)).toBe(1.5 * 3 * hour);
});

it("does not learn a pause that was called silence", () => {
  const rhythm = heardAt([0, 12, 24]);
  const time = start + 100 * hour;
  expect(limitOf(heard(rhythm, { from: time, to: time, pause: 0 }, true))).toBe(18 * hour);
  expect(limitOf(heard(rhythm, { from: time, to: time, pause: 0 }, false))).toBe(114 * hour);
});

it("takes the word of the configuration, the first that fits", () => {
  const expected = [
    { dataSource: "web-*", minutes: 5 },
    { dataType: "nginx", minutes: 0 },
  ];
  expect(limitOf(heardAt([0]), { expected })).toBe(5 * minute);
  expect(limitOf(heardAt([0, 24]), { expected: expected.slice(1) })).toBeUndefined();
  expect(limitOf(heardAt([0]), { expected: [{ dataSource: "db-*", minutes: 5 }] })).toBeUndefined();
});
