import type { Log } from "@vedette/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseSource } from "../../../config/index.ts";
import { compilePipelines } from "../../load.ts";
import { inBlocks, interpreted } from "../testing/twins.ts";

const runs = Number(process.env.VEDETTE_TWINS ?? 200);

const steps = [
  "{json: {source: raw}}",
  "{rename: {from: [log.time], to: deviceTime}}",
  ...[
    "10.0.0.0/8",
    "0.0.0.0/0",
    "192.0.2.129/25",
    "192.0.2.1/32",
    "::/0",
    "2001:db8::/32",
    "::ffff:10.0.0.0/104",
  ].map(
    (net, at) =>
      `{add: {function: string, params: {key: log.in${at}, value: "1"}, where: 'inCIDR("log.ip", "${net}")'}}`,
  ),
  '{add: {function: string, params: {key: log.any, value: "1"}, where: \'inCIDR("log.ip", "10.0.0.0/8") || inCIDR("log.ip", "::/0")\'}}',
];

const part = fc.constantFrom("2026", "1969", "1970", "2099", "2100", "2024", "0a26", "20a6");
const two = fc.constantFrom(
  "01",
  "02",
  "03",
  "09",
  "10",
  "12",
  "13",
  "15",
  "23",
  "24",
  "28",
  "29",
  "30",
  "31",
  "59",
  "60",
  "1",
  "x1",
);
const times = fc
  .tuple(
    part,
    two,
    two,
    fc.constantFrom("T", "T", " ", "t"),
    two,
    two,
    two,
    fc.constantFrom("", ".1", ".12", ".123", ".999999", ".123456789", ".1234567890", ".", ",5"),
    fc.constantFrom("Z", "Z", "+01:00", "-23:59", "+24:00", "-00:00", "z", "", "+0100"),
  )
  .map(([year, month, day, t, hour, minute, second, fraction, zone]) =>
    [year, "-", month, "-", day, t, hour, ":", minute, ":", second, fraction, zone].join(""),
  );
const right = fc
  .date({ min: new Date(0), max: new Date("2099-12-31T23:59:59Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
const ips = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    "10.1.2.3",
    "192.0.2.128",
    "192.0.2.1",
    "192.0.2.01",
    "10.0.0",
    "10.0.0.0.1",
    "256.1.1.1",
    "",
    "::ffff:10.1.1.1",
  ),
  fc.constantFrom("10.0.0.1 ", "x:y", "1.2.3.", ".1.2.3", "2001:db8::1", "10..1.1", "0.0.0.0", "1.2.3.4:80"),
);

it("says of times and addresses what the interpreter says", { timeout: 120_000 }, () => {
  const yaml = `pipeline: [{dataTypes: [test], steps: [${steps.join(", ")}]}]`;
  const line = fc
    .tuple(fc.oneof(times, right, fc.constant("")), fc.oneof(ips, fc.constantFrom(5, null, true)))
    .map(([time, ip]) => JSON.stringify({ time, ip }));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (lines) => {
      const logs = lines.map(
        (raw, index): Log => ({
          id: `id-${index}`,
          dataType: "test",
          dataSource: "host-1",
          "@timestamp": "2026-10-10T12:00:00.000Z",
          raw,
        }),
      );
      const load = () => compilePipelines([parseSource(yaml, "p.yaml")]);
      let open = 0;
      expect(inBlocks(load(), logs, () => open++)).toEqual(interpreted(load(), logs));
      expect(open).toBeLessThanOrEqual(lines.length);
    }),
    { numRuns: runs },
  );
});

it("leaves no row with a usual time or an address to the plain program", () => {
  const yaml = `pipeline: [{dataTypes: [test], steps: [${steps.join(", ")}]}]`;
  const lines = [
    "2026-01-15T12:00:00Z",
    "2026-02-28T23:59:59.123456789+01:00",
    "2024-02-29T00:00:00.5-05:30",
  ];
  const logs = lines.map(
    (time, index): Log => ({
      id: `id-${index}`,
      dataType: "test",
      dataSource: "host-1",
      "@timestamp": "2026-10-10T12:00:00.000Z",
      raw: JSON.stringify({ time, ip: index === 0 ? "2001:db8::1" : "10.0.0.1" }),
    }),
  );
  let open = 0;
  inBlocks(compilePipelines([parseSource(yaml, "p.yaml")]), logs, () => open++);
  expect(open).toBe(0);
});
