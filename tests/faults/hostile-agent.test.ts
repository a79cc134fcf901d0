import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { BatchBuilder, uuidv7 } from "@vedette/core/batch";
import { Fleet, pause, until, usageOf } from "@vedette/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-hostile-"));
let fleet: Fleet;
let sent = 0;

beforeAll(async () => {
  fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "good", include: [join(dir, "logs", "good.log")] }],
    agent: { batch: { seconds: 0.2 } },
  });
  fleet.start("collector");
  fleet.start("agent");
  await fleet.ready();
});
afterAll(() => {
  fleet.destroy();
  rmSync(dir, { recursive: true, force: true });
});

/** Shows that the collector still takes what an honest agent sends. */
async function goesOn(): Promise<void> {
  const raw = `good ${++sent}`;
  appendFileSync(join(dir, "logs", "good.log"), `${raw}\n`);
  await until("the honest agent's line", async () => {
    const { items } = await fleet.get<{ items: { raw: string }[] }>("/api/v1/events?from=-1h&limit=100");
    return items.some((row) => row.raw === raw);
  });
}

/** A protobuf field of bytes: what every message of the protocol is made of. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
const helloOf = (agentId: string, schema = 1): Buffer =>
  field(1, Buffer.concat([field(1, Buffer.from(agentId)), Buffer.from([4 << 3, schema])]));
const batchOf = (frame: Uint8Array): Buffer => field(2, field(1, frame));

/** A message with gRPC's prefix; `claims` is the length it says it has. */
function message(bytes: Uint8Array, claims = bytes.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(claims, 1);
  return Buffer.concat([prefix, bytes]);
}

/** The same frame with a newer schema in its header and a checksum that fits. */
function newerSchema(frame: Buffer): Buffer {
  const newer = Buffer.from(frame);
  newer.write('"schema":9', newer.indexOf('"schema":1'));
  newer.writeUInt32LE(crc32(newer.subarray(16), crc32(newer.subarray(4, 12))), 12);
  return newer;
}

function sound(agentId: string, sequence: number): Buffer {
  const builder = new BatchBuilder("hostile", { rows: 10, bytes: 1e6 });
  const event = { id: `h${sequence}`, "@timestamp": new Date().toISOString(), dataType: "hostile", raw: "x" };
  builder.append(event, { source: "s", offset: 0, end: 1 });
  return builder.seal({ batchId: uuidv7(sequence), agentId, epoch: 1, sequence }).frame;
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 64 << 10) yield bytes.subarray(at, at + (64 << 10));
}

interface Talk {
  readonly stream: ClientHttp2Stream;
  /** Bytes that came back. */
  heard(): number;
  /** gRPC's status, or `reset` where the stream ended without. */
  readonly ended: Promise<string>;
  close(): void;
}

/** Speaks to the ingest port as an agent would, byte by byte under our control. */
function talk(read = true): Talk {
  const session = connect(`http://${fleet.ingestAddress}`);
  session.on("error", () => undefined);
  const stream = session.request({
    ":method": "POST",
    ":path": "/vedette.v1.Ingest/Ship",
    "content-type": "application/grpc",
    te: "trailers",
  });
  let heard = 0;
  if (read) stream.on("data", (bytes: Buffer) => (heard += bytes.length));
  const ended = new Promise<string>((resolve) => {
    const answer = (headers: IncomingHttpHeaders): void => {
      if (headers["grpc-status"] !== undefined) resolve(String(headers["grpc-status"]));
    };
    stream.on("response", answer);
    stream.on("trailers", answer);
    stream.on("error", () => resolve("reset"));
    stream.on("close", () => resolve("reset"));
  });
  return { stream, heard: () => heard, ended, close: () => session.destroy() };
}

const deadLetters = async (): Promise<number> =>
  (await fleet.get<{ items: object[] }>("/api/v1/dead-letters?from=-1h&limit=1000")).items.length;

describe("a hostile agent", () => {
  it.each([
    ["no protobuf at all", () => message(randomBytes(1_000))],
    ["a batch before Hello", () => message(batchOf(sound("evil", 0)))],
    ["an empty message", () => message(Buffer.alloc(0))],
    ["a name that cannot be one", () => message(helloOf("../../etc/passwd\n"))],
    ["a newer schema in Hello", () => message(helloOf("evil", 99))],
    ["two Hellos", () => Buffer.concat([message(helloOf("evil")), message(helloOf("evil"))])],
    ["a message of 80 MB", () => message(Buffer.alloc(80 << 20))],
  ])("is refused with a status for %s", async (_, bytes) => {
    const { stream, ended, close } = talk();
    // Piece by piece: Node's client refuses answers itself while it holds more than a few megabytes to send.
    void pipeline(Readable.from(piecesOf(bytes()), { objectMode: false }), stream, { end: false }).catch(
      () => undefined,
    );
    const status = await Promise.race([ended, pause(60_000).then(() => "still open")]);
    close();
    expect(status).toMatch(/^[1-9]\d*$|^reset$/);
    await goesOn();
  });

  it("only fills the dead letters with batches that are no batches", async () => {
    const { stream, heard, close } = talk();
    stream.write(message(helloOf("evil")));
    const good = sound("evil", 1);
    const other = sound("agent-1", 1_000_000);
    const flipped = Buffer.from(good);
    flipped[flipped.length - 1]! ^= 1;
    const bad = [
      randomBytes(5_000),
      good.subarray(0, 40),
      flipped,
      newerSchema(sound("evil", 2)),
      other,
      Buffer.alloc(0),
    ];
    const before = await deadLetters();
    for (const frame of bad) stream.write(message(batchOf(frame)));
    await until("the dead letters", async () => (await deadLetters()) >= before + bad.length);
    const answered = heard();
    // The stream lives: a sound batch behind them is taken.
    stream.write(message(batchOf(good)));
    await until("the sound batch", () => heard() > answered);
    close();
    await goesOn();
  });

  it("costs nobody else anything: 60 connections, of which half send and never read", async () => {
    const pid = fleet.process("collector")?.pid ?? 0;
    const talks = Array.from({ length: 60 }, (_, n) => talk(n % 2 === 0));
    for (const [n, { stream }] of talks.entries()) {
      stream.write(message(helloOf(`evil-${n}`)));
      for (let i = 0; i < 5; i++) stream.write(message(batchOf(sound(`evil-${n}`, i))));
    }
    await goesOn();
    for (const { close } of talks) close();
    await goesOn();
    expect(usageOf(pid).peakBytes).toBeLessThan(1 << 30);
  });
});
