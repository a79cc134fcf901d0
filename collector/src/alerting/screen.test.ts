import type { Alert } from "@vedette/sdk";
import { describe, expect, it } from "vitest";
import { alertingConfig } from "../config/index.ts";
import { type Control, compileControl } from "./controls.ts";
import { Inhibitions } from "./inhibitions.ts";
import { Screen } from "./screen.ts";

const hour = 3_600_000;
const now = Date.parse("2026-11-27T12:00:00Z");
const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  ...{
    id,
    ruleId: "1",
    name: "One",
    severity: "high",
    adversary: { ip: "203.0.113.7" },
    dataSource: "web-1",
  },
  ...more,
});
const control = (more: Partial<Control> = {}): Control => ({
  ...{ id: "s1", kind: "silence", author: "anna", comment: "why", startsAt: now, endsAt: now + 5 * hour },
  matchers: [{ field: "rule", operator: "is", values: ["1"] }],
  ...{ version: 1, createdAt: now, updatedAt: now },
  ...more,
});
const screenOf = (controls: readonly Control[], inhibit: unknown[] = []): Screen => {
  const screen = new Screen(new Inhibitions(alertingConfig.parse({ inhibit }).inhibit));
  screen.controls = controls.map(compileControl);
  return screen;
};
const shown = (screen: Screen, alerts: readonly Alert[], at = now): (string | undefined)[] =>
  screen
    .screen(alerts, at)
    .alerts.filter(({ hidden }) => hidden === undefined)
    .map(({ id }) => id);

describe("a silence", () => {
  it("lasts from its start to its end, the end not part of it", () => {
    const screen = screenOf([control()]);
    expect(shown(screen, [alert("a")], now - 1)).toEqual(["a"]);
    expect(shown(screen, [alert("b")], now)).toEqual([]);
    expect(shown(screen, [alert("c")], now + 5 * hour - 1)).toEqual([]);
    expect(shown(screen, [alert("d")], now + 5 * hour)).toEqual(["d"]);
  });

  it("keeps one of those that are alike an hour, and the same one whenever it is asked again", () => {
    const screen = screenOf([control()]);
    const ids = (alerts: readonly Alert[], at = now) => {
      const { alerts: kept, repeats } = screen.screen(alerts, at);
      return [kept.map(({ id }) => id), repeats.map(({ id }) => id)];
    };
    expect(ids([alert("a"), alert("b"), alert("c", { adversary: { ip: "203.0.113.8" } })])).toEqual([
      ["a", "c"],
      ["b"],
    ]);
    // A batch that failed to be stored comes again.
    expect(ids([alert("a"), alert("b")])).toEqual([["a"], ["b"]]);
    expect(ids([alert("d")], now + hour - 1)).toEqual([[], ["d"]]);
    expect(ids([alert("e")], now + hour)).toEqual([["e"], []]);
  });

  it("stays within bounds with a million strangers", () => {
    const screen = screenOf([control()]);
    for (let round = 0; round < 100; round++) {
      const strangers = Array.from({ length: 1_000 }, (_, at) =>
        alert(`${round}-${at}`, { adversary: { ip: `${round}.${at}` } }),
      );
      expect(screen.screen(strangers, now).alerts).toHaveLength(1_000);
    }
  });
});

describe("an inhibition", () => {
  const rule = {
    name: "host is down",
    source: [{ field: "rule", values: ["down"] }],
    target: [{ field: "severity", operator: "isNot", values: ["critical"] }],
    equal: ["dataSource"],
    minutes: 60,
  };
  const down = alert("down", { ruleId: "down", name: "Down" });

  it("hides what comes with it and within its time, where values are equal", () => {
    const screen = screenOf([], [rule]);
    expect(shown(screen, [alert("a"), down, alert("b", { dataSource: "web-2" })])).toEqual(["down", "b"]);
    expect(shown(screen, [alert("c")], now + hour - 1)).toEqual([]);
    expect(shown(screen, [alert("d")], now + hour)).toEqual(["d"]);
    expect(shown(screen, [alert("e", { severity: "critical" })])).toEqual(["e"]);
  });

  it("hides nothing where the values are missing, nor itself", () => {
    const screen = screenOf([], [{ ...rule, target: [{ field: "rule", values: ["*"] }] }]);
    const bare = { ...down };
    delete (bare as { dataSource?: string }).dataSource;
    expect(shown(screen, [bare, down, { ...down, id: "again" }])).toEqual(["down", "down", "again"]);
  });

  it("ends when its alert is closed", () => {
    const inhibitions = new Inhibitions(alertingConfig.parse({ inhibit: [rule] }).inhibit);
    const screen = new Screen(inhibitions);
    expect(shown(screen, [down, alert("a")])).toEqual(["down"]);
    inhibitions.close("down");
    expect(shown(screen, [alert("b")])).toEqual(["b"]);
  });

  it("forgets the longest unused of too many", () => {
    const inhibitions = new Inhibitions(alertingConfig.parse({ inhibit: [rule] }).inhibit);
    for (let at = 0; at < 30_000; at++)
      inhibitions.note({ ...down, id: `d${at}`, dataSource: `host-${at}` }, now);
    expect(inhibitions.size).toBe(10_000);
  });
});

it("keeps tenants apart: none inhibits another's alert, or stands for it among repeats", () => {
  const inhibit = [
    {
      name: "down",
      source: [{ field: "rule", values: ["down"] }],
      target: [{ field: "rule", values: ["1"] }],
    },
  ];
  const of = (id: string, tenantId: string, ruleId = "1"): Alert => alert(id, { tenantId, ruleId });
  const screen = screenOf([], inhibit);
  expect(shown(screen, [of("d", "t1", "down"), of("a", "t1"), of("b", "t2"), alert("c")])).toEqual([
    "d",
    "b",
    "c",
  ]);
  const silenced = screenOf([control()]);
  const { alerts, repeats } = silenced.screen([of("a", "t1"), of("b", "t2"), of("c", "t1")], now);
  expect([alerts, repeats].map((each) => each.map(({ id }) => id))).toEqual([["a", "b"], ["c"]]);
});
