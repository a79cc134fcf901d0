import { loadRules, windowLimits } from "@vedette/collector";
import { collectorConfig } from "@vedette/collector/config";
import { expect, it } from "vitest";
import { Backtest } from "./backtest.ts";

const rules = `
title: Any login
id: login
logsource: { product: linux, service: sshd }
detection: { all: { dataType: sshd }, condition: all }
---
title: Many logins
id: many
correlation: { type: event_count, rules: [login], group-by: [origin.ip], timespan: 1h, condition: { gte: 3 } }
`;

const iso = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();

it.each([
  [{}, 1],
  [{ latenessSeconds: 10 }, 0],
])("counts within the windows of a configuration: %j", (windows, alerts) => {
  const file = new URL(`data:text/yaml;name=rules.yaml;base64,${Buffer.from(rules).toString("base64")}`);
  const { rules: loaded, problems } = loadRules([file]);
  expect(problems).toEqual([]);
  const { detect } = collectorConfig.parse({ detect: { windows } });
  const run = new Backtest(loaded, { show: 1, windows: windowLimits(detect) });
  run.take(
    // The third is 40 seconds late.
    [0, 60, 20].map((second, at) => ({
      id: `e${at}`,
      "@timestamp": iso(100 + at),
      deviceTime: iso(second),
      dataType: "sshd",
      origin: { ip: "203.0.113.7" },
    })),
  );
  expect(run.report().alerts).toBe(alerts);
});
