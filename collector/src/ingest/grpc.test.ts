import { create } from "@bufbuild/protobuf";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { Telemetry } from "@vedette/core/telemetry";
import {
  BatchSchema,
  HelloSchema,
  Outcome,
  type ShipRequest,
  ShipRequestSchema,
  type ShipResponse,
  shipMethod,
} from "@vedette/proto";
import { systemClock } from "@vedette/sdk";
import { testDeps } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Agents } from "./agents.ts";
import { serveGrpc } from "./grpc.ts";
import { Intake } from "./intake.ts";
import { Ledger } from "./ledger.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A collector that only counts rows, and an agent that speaks through `@grpc/grpc-js`. */
async function setUp() {
  const rows: string[] = [];
  const deps = testDeps();
  const intake = new Intake({
    ledger: new Ledger(),
    sink: {
      store: async (batches) => {
        for (const batch of batches)
          for (let row = 0; row < batch.rows; row++) rows.push(String(batch.event(row).raw));
      },
      deadLetter: async () => undefined,
      repeated: async () => undefined,
    },
    telemetry: new Telemetry(),
    log: deps.log,
    clock: systemClock,
    journal: undefined,
    concurrency: 2,
  });
  const options = { host: "127.0.0.1", port: 0, window: 3, collectorId: "test", maxBytes: 64 << 20 };
  const ingest = await serveGrpc(options, intake, new Agents(), { ...deps, telemetry: new Telemetry() });
  cleanups.push(() => ingest.stop());
  const client = new Client(`127.0.0.1:${ingest.port}`, credentials.createInsecure());
  cleanups.push(() => client.close());
  const { path, requestSerialize, responseDeserialize } = shipMethod;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new Metadata());
  const heard: ShipResponse["message"][] = [];
  stream.on("data", ({ message }: ShipResponse) => heard.push(message));
  stream.on("error", () => undefined);
  const status = new Promise<{ code: number; details: string }>((resolve) => stream.on("status", resolve));
  const send = (message: ShipRequest["message"]) => stream.write(create(ShipRequestSchema, { message }));
  return { rows, heard, status, send, stream };
}

const hello = { case: "hello" as const, value: create(HelloSchema, { agentId: "a", schemaVersion: 1 }) };

/** A batch of one long line, larger than a piece that is read from a socket at once. */
function batch(sequence: number, raw: string) {
  const builder = new BatchBuilder("t", { rows: 10, bytes: 8 << 20 });
  const event = { id: `e${sequence}`, "@timestamp": new Date().toISOString(), dataType: "t", raw };
  builder.append(event, { source: "s", offset: 0, end: 1 });
  const about = { batchId: uuidv7(sequence), agentId: "a", epoch: 1, sequence };
  const { frame } = builder.seal(about);
  return { case: "batch" as const, value: create(BatchSchema, { frame }) };
}

describe("the ingest port", () => {
  it("takes batches from any gRPC client, more than its window at once, and ends when the client does", async () => {
    const { rows, heard, status, send, stream } = await setUp();
    send(hello);
    const lines = Array.from({ length: 20 }, (_, i) => `${i} ${"x".repeat(i * 20_000)}`);
    for (const [i, line] of lines.entries()) send(batch(i, line));
    await expect.poll(() => heard.length).toBe(1 + lines.length);
    expect(heard[0]).toMatchObject({ case: "welcome", value: { window: 3 } });
    expect(heard.slice(1).every((each) => each.case === "ack" && each.value.outcome === Outcome.STORED)).toBe(
      true,
    );
    expect(rows.sort()).toEqual(lines.sort());
    stream.end();
    expect(await status).toMatchObject({ code: 0 });
  });

  it("refuses with a code and a sentence", async () => {
    const { status, send } = await setUp();
    send(batch(0, "too early"));
    expect(await status).toMatchObject({ code: 9, details: "Hello comes first." });
  });
});
