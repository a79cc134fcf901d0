import { decodeBatch } from "@vedette/core/batch";
import { parseSource } from "@vedette/core/config";
import { linesOf } from "@vedette/core/kernels";
import { compilePipelines } from "@vedette/core/pipeline";
import type { Event, InputLog } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkRows } from "./chunk-rows.ts";
import { TapHub } from "./control/index.ts";
import { Filling } from "./filling.ts";
import type { LogChunk } from "./input/index.ts";

const pipelines = compilePipelines([
  parseSource(
    `
pipeline:
  - dataTypes: [app]
    steps:
      - json: { source: raw }
      - drop: { where: 'equals("log.level", "debug")' }
      - rename: { from: [log.host], to: dataSource }
  - dataTypes: [block]
    steps:
      - grok:
          patterns:
            - { fieldName: log.level, pattern: "[a-z]+ " }
            - { fieldName: log.count, pattern: "[0-9]+" }
            - { fieldName: log.rest, pattern: ".*" }
      - drop: { where: 'equals("log.level", "debug")' }
      - cast: { to: int, fields: [log.count] }
      - add: { function: string, params: { key: severity, value: low }, where: 'greaterThan("log.count", 5)' }
`,
    "app.yaml",
  ),
]);

const limits = { rows: 50, bytes: 1 << 20 };
const stamp = { batchId: "01900000-0000-7000-8000-000000000000", agentId: "agent", epoch: 1, sequence: 0 };

const filling = (dataType: string): Filling =>
  new Filling(dataType, limits, pipelines.columns(dataType), {
    agentId: "agent",
    log: recordingLogger(),
    taps: new TapHub(),
    sizes: new Map(),
  });

/** Everything that becomes of logs: events, stretches and counters of each batch. */
function outcome(fillings: readonly Filling[]) {
  return fillings.map(({ builder, dropped, lines, bytes }) => {
    const batch = builder.rows > 0 ? decodeBatch(builder.seal(stamp).frame) : undefined;
    const events: Event[] = [];
    for (let row = 0; row < builder.rows; row++) events.push(batch!.event(row));
    const { minTime, maxTime } = batch?.header ?? {};
    return { events, sources: builder.sources, dropped: [...dropped], lines, bytes, minTime, maxTime };
  });
}

const line = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('{"level":"info","n":1}', '{"level":"debug"}', "no json", "ü €") },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{"host":"h1","x":{"y":"ä"}}', "", '{"level":"debug","host":"a"}'),
  },
  { weight: 1, arbitrary: fc.nat({ max: 400 }).map((length) => "z".repeat(length)) },
);

const blockLine = fc.oneof(
  { weight: 40, arbitrary: fc.nat(20).map((count) => `info ${count} the ${count % 3}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "debug 1",
      "",
      "no count",
      "ü €",
      "info 12345678901234567890 x",
      "\0\0info 7 ",
    ),
  },
);

describe("a batch that is being filled", () => {
  it.each(["app", "plain", "block"])(
    "gives for many lines of type %s what it gives for each alone",
    (dataType) => {
      const kernel = linesOf(1 << 16);
      fc.assert(
        fc.property(
          fc.array(dataType === "block" ? blockLine : line, { minLength: 1, maxLength: 120 }),
          fc.nat(5_000),
          (texts, base) => {
            const bytes = Buffer.from(`${texts.join("\n")}\n`);
            kernel.buffer.set(bytes, 100);
            const count = kernel.split(100, 100 + bytes.length);
            if (count === 0) return;
            const chunk: LogChunk = {
              lines: kernel,
              count,
              base,
              ascii: bytes.every((byte) => byte < 0x80),
              source: "s",
              idPrefix: "0123456789abcdef0123",
              dataType,
              dataSource: "web-1",
              time: 1_790_000_000_123,
            };
            const rows = new ChunkRows(chunk);
            const logs = Array.from({ length: count }, (_, row) => rows.log(row));
            expect(outcome(inChunks(dataType, chunk))).toEqual(outcome(oneByOne(dataType, logs)));
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it("lets nothing in a log pose as what the input knows of it", () => {
    const batch = filling("app");
    const log: InputLog = {
      id: "a".repeat(32),
      dataType: "app",
      dataSource: "web-1",
      time: 1_790_000_000_123,
      raw: '{"input":{"sender":"spoofed","other":"x"},"input.sender":"spoofed","ok":1}',
      position: { source: "s", offset: 0, end: 1 },
    };
    batch.add({ ...log, facts: { sender: "192.0.2.1" }, flaw: "It was cut." });
    batch.add(log);
    const [{ events } = { events: [] }] = outcome([batch]);
    expect(events[0]).toMatchObject({
      log: { input: { sender: "192.0.2.1" }, ok: 1 },
      errors: ["It was cut."],
    });
    expect(events[0]?.log?.["input"]).toEqual({ sender: "192.0.2.1" });
    expect(events[1]?.log?.["input"]).toMatchObject({ sender: "spoofed", other: "x" });
  });
});

function inChunks(dataType: string, chunk: LogChunk): Filling[] {
  const rows = new ChunkRows(chunk);
  const fillings: Filling[] = [];
  for (let row = 0; row < chunk.count; ) {
    const next = filling(dataType);
    fillings.push(next);
    row = next.addLines(chunk, rows, row);
  }
  return fillings;
}

function oneByOne(dataType: string, logs: readonly InputLog[]): Filling[] {
  const fillings: Filling[] = [];
  for (const log of logs) {
    if (fillings.at(-1)?.builder.full !== false) fillings.push(filling(dataType));
    fillings.at(-1)!.add(log);
  }
  return fillings;
}
