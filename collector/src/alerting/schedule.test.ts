import { describe, expect, it } from "vitest";
import { compileWeekly, type Weekly, weeklySchema } from "./schedule.ts";

const within = (weekly: Partial<Weekly>, time: string): boolean =>
  compileWeekly(weeklySchema.parse({ days: ["sat"], at: "22:00", minutes: 240, ...weekly }))(
    Date.parse(time),
  );

describe("a weekly window", () => {
  // 2026-11-28 is a Saturday.
  it.each([
    ["2026-11-28T21:59:59Z", false],
    ["2026-11-28T22:00:00Z", true],
    ["2026-11-29T01:59:59Z", true],
    ["2026-11-29T02:00:00Z", false],
    ["2026-11-27T23:00:00Z", false],
  ])("from Saturday 22:00 for four hours, at %s: %s", (time, expected) => {
    expect(within({}, time)).toBe(expected);
  });

  it("goes over the end of the week", () => {
    const sunday = { days: ["sun" as const], at: "23:30", minutes: 60 };
    expect(within(sunday, "2026-11-30T00:29:00Z")).toBe(true);
    expect(within(sunday, "2026-11-30T00:30:00Z")).toBe(false);
  });

  it("is by the clock of its place, also when that is changed", () => {
    const berlin = { days: ["sun" as const], at: "04:00", minutes: 60, timeZone: "Europe/Berlin" };
    // Summer time ends on 25 October 2026 at 3:00.
    expect(within(berlin, "2026-10-18T02:30:00Z")).toBe(true);
    expect(within(berlin, "2026-10-25T02:30:00Z")).toBe(false);
    expect(within(berlin, "2026-10-25T03:30:00Z")).toBe(true);
  });

  it("may last the whole week", () => {
    expect(within({ minutes: 7 * 1_440 }, "2026-11-25T11:11:11Z")).toBe(true);
  });

  it.each([{ at: "24:00" }, { at: "9:00" }, { timeZone: "Mars/Olympus" }, { minutes: 0 }, { days: [] }])(
    "refuses %j",
    (wrong) => {
      const weekly = { days: ["sat"], at: "22:00", minutes: 240, ...wrong };
      expect(weeklySchema.safeParse(weekly).success).toBe(false);
    },
  );
});
