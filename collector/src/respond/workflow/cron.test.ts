import { describe, expect, it } from "vitest";
import { parseCron } from "./cron.ts";

const next = (cron: string, from: string): string | undefined => {
  const at = parseCron(cron).after(Date.parse(from));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe("schedules", () => {
  it.each<[string, string, string | undefined]>([
    ["* * * * *", "2026-11-27T00:00:30Z", "2026-11-27T00:01:00.000Z"],
    ["* * * * *", "2026-11-27T00:00:00Z", "2026-11-27T00:01:00.000Z"],
    ["*/15 9-17 * * mon-fri", "2026-11-27T17:45:00Z", "2026-11-30T09:00:00.000Z"],
    ["0 0 29 2 *", "2026-11-27T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 0 31 2 *", "2026-11-27T00:00:00Z", undefined],
    ["5,1 0 1 jan 7", "2026-12-31T23:59:00Z", "2027-01-01T00:01:00.000Z"],
    ["0 12 13 * fri", "2026-11-27T12:00:00Z", "2026-12-04T12:00:00.000Z"],
    ["@daily", "2026-12-31T10:00:00Z", "2027-01-01T00:00:00.000Z"],
    ["10/20 * * * *", "2026-11-27T00:31:00Z", "2026-11-27T00:50:00.000Z"],
  ])("%s after %s", (cron, from, expected) => {
    expect(next(cron, from)).toBe(expected);
  });

  it.each(["* * * *", "60 * * * *", "* 5-2 * * *", "*/0 * * * *", "a * * * *", "1-2-3 * * * *", "* * 0 * *"])(
    "%s is refused",
    (cron) => {
      expect(() => parseCron(cron)).toThrow(expect.objectContaining({ code: "config.invalid" }));
    },
  );
});
