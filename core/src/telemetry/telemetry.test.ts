import { describe, expect, it } from "vitest";
import { rateLimited, Telemetry } from "./index.ts";

describe("metrics", () => {
  it("render in the Prometheus text format", () => {
    const telemetry = new Telemetry();
    const drops = telemetry.counter("vedette_events_dropped_total", "Events dropped.", ["stage", "reason"]);
    const lag = telemetry.gauge("vedette_lag_seconds", "Age of the oldest waiting batch.");
    const took = telemetry.histogram("vedette_insert_seconds", "Time of an insert.", [0.1, 1]);
    drops.add(2, { stage: "parse", reason: 'a "quoted"\nreason' });
    drops.add(1, { stage: "parse", reason: "other one" });
    telemetry.onRender(() => lag.set(1.5));
    took.observe(0.5);
    expect(telemetry.render()).toBe(
      [
        "# HELP vedette_events_dropped_total Events dropped.",
        "# TYPE vedette_events_dropped_total counter",
        'vedette_events_dropped_total{stage="parse",reason="a \\"quoted\\"\\nreason"} 2',
        'vedette_events_dropped_total{stage="parse",reason="other one"} 1',
        "# HELP vedette_lag_seconds Age of the oldest waiting batch.",
        "# TYPE vedette_lag_seconds gauge",
        "vedette_lag_seconds 1.5",
        "# HELP vedette_insert_seconds Time of an insert.",
        "# TYPE vedette_insert_seconds histogram",
        'vedette_insert_seconds_bucket{le="0.1"} 0',
        'vedette_insert_seconds_bucket{le="1"} 1',
        'vedette_insert_seconds_bucket{le="+Inf"} 1',
        "vedette_insert_seconds_sum 0.5",
        "vedette_insert_seconds_count 1",
        "",
      ].join("\n"),
    );
    expect(drops.total({ stage: "parse" })).toBe(3);
  });

  it("keep the number of series bounded", () => {
    const telemetry = new Telemetry();
    const counter = telemetry.counter("c_total", "C.", ["ip"]);
    for (let i = 0; i < 5_000; i++) counter.add(1, { ip: String(i) });
    expect(telemetry.render().split("\n").length).toBeLessThan(1_010);
    expect(counter.total()).toBe(5_000);
    expect(() => telemetry.counter("c_total", "Again.")).toThrow(/Two metrics/);
  });
});

describe("a rate-limited log line", () => {
  it("says how many it held back", () => {
    let now = 0;
    const said: object[] = [];
    const warn = rateLimited(
      (fields) => said.push(fields),
      1_000,
      () => now,
    );
    for (let i = 0; i < 5; i++) warn({ i }, "Again.");
    now = 1_000;
    warn({ i: 5 }, "Again.");
    expect(said).toEqual([{ i: 0 }, { i: 5, heldBack: 4 }]);
    now = -3_600_000;
    warn({ i: 6 }, "Again.");
    expect(said, "a clock set back silences nothing").toHaveLength(3);
  });
});
