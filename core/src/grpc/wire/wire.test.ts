import { createServer, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createPlain, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { errors, FrameReader, flags, frameOf, settingsFrame, types } from "./frames.ts";
import { readHeaders, writeHeaders } from "./headers.ts";
import { Request } from "./request.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Answer {
  readonly headers: Record<string, string>[];
  readonly data: Buffer;
  readonly reason: string;
  readonly code: number | undefined;
}

function ask(port: number, body: readonly Buffer[] = []): Promise<Answer> {
  const headers: Record<string, string>[] = [];
  const data: Buffer[] = [];
  return new Promise((resolve) => {
    const request = new Request(`127.0.0.1:${port}`, [[":path", "/x"]], {
      headers: (some) => headers.push(Object.fromEntries(some)),
      data: (bytes) => data.push(bytes),
      drain: () => undefined,
      closed: (reason, code) => resolve({ headers, data: Buffer.concat(data), reason, code }),
    });
    cleanups.push(() => request.close());
    if (body.length > 0) request.write(body);
  });
}

async function nodeServer(
  answer: (stream: ServerHttp2Stream) => void,
  settings: object = {},
): Promise<number> {
  const server = createServer({ settings });
  server.on("stream", answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server that says these bytes whatever it hears. */
async function rawServer(say: (socket: Socket) => void): Promise<number> {
  const server = createPlain((socket) => {
    socket.on("error", () => undefined).resume();
    say(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const block = writeHeaders([
  [":status", "200"],
  ["x-long", "y".repeat(300)],
]);
const told = { ":status": "200", "x-long": "y".repeat(300) };

describe("headers", () => {
  it("are read as Node's HTTP/2 writes them", async () => {
    const bytes = Array.from({ length: 0xff - 0x20 }, (_, i) => String.fromCharCode(0x20 + i));
    const values = [
      ...bytes.filter((char) => char !== "\x7f").map((char) => `a${char.repeat(3)}b`),
      "",
      "403",
    ];
    const sent = Object.fromEntries(values.map((value, i) => [`x-${i}`, value]));
    const port = await nodeServer((stream) => {
      stream.respond({ ":status": 404, server: "x", ...sent });
      stream.end("body");
    });
    const { headers, data, code } = await ask(port);
    expect(headers).toEqual([{ ":status": "404", server: "x", date: expect.any(String), ...sent }]);
    expect([data.toString(), code]).toEqual(["body", errors.none]);
  });

  it("are read as we write them, and never throw anything else than a RangeError", () => {
    const text = fc.string({ unit: "binary-ascii", maxLength: 300 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }), (headers) => {
        expect([...readHeaders(writeHeaders(headers))]).toEqual(headers);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readHeaders(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe("frames", () => {
  it("are the same however their bytes are cut", () => {
    const content = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(content),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (contents, cuts) => {
          const bytes = Buffer.concat(contents.map((each, i) => frameOf(Buffer.from(each), i % 10, 1, i)));
          const reader = new FrameReader();
          const read: [number, number, Buffer][] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const part = bytes.subarray(at, at + cuts[i % cuts.length]!);
            at += part.length;
            reader.push(part, (frame) => read.push([frame.type, frame.stream, Buffer.from(frame.content)]));
          }
          expect(read).toEqual(contents.map((each, i) => [i % 10, i, Buffer.from(each)]));
        },
      ),
    );
  });
});

describe("a request", () => {
  it.each([
    ["small frames and windows", { initialWindowSize: 1_000, maxFrameSize: 16_384 }],
    ["large ones", { initialWindowSize: 4 << 20, maxFrameSize: 1 << 20 }],
  ])("sends its body through %s", async (_, settings) => {
    const body = Buffer.alloc(3 << 20, "abcdefg");
    const port = await nodeServer((stream) => {
      const heard: Buffer[] = [];
      let size = 0;
      stream.respond({ ":status": 200 });
      stream.on("error", () => undefined);
      stream.on("data", (chunk: Buffer) => {
        heard.push(chunk);
        size += chunk.length;
        if (size === body.length) stream.end(String(Buffer.concat(heard).equals(body)));
      });
    }, settings);
    expect((await ask(port, [body.subarray(0, 5), body.subarray(5)])).data.toString()).toBe("true");
  });

  it("takes headers in pieces, data that is filled up, and what it does not know", async () => {
    const filled = Buffer.concat([Buffer.of(3), Buffer.from("data"), Buffer.alloc(3)]);
    const port = await rawServer((socket) => {
      socket.write(settingsFrame([[99, 1]]));
      socket.write(frameOf(Buffer.alloc(20), 77, 0, 1));
      socket.write(
        frameOf(Buffer.concat([Buffer.alloc(5), block.subarray(0, 9)]), types.headers, flags.priority, 1),
      );
      socket.write(frameOf(block.subarray(9), types.continuation, flags.endHeaders, 1));
      socket.write(frameOf(filled, types.data, flags.padded | flags.endStream, 1));
    });
    expect(await ask(port)).toEqual({
      headers: [told],
      data: Buffer.from("data"),
      reason: "The stream was closed.",
      code: errors.none,
    });
  });

  const broken: readonly (readonly [string, Buffer, RegExp])[] = [
    ["a frame that is too large", Buffer.from("ffffff00000000000100", "hex"), /16777215 bytes/],
    [
      "headers that do not decode",
      frameOf(Buffer.of(0xff), types.headers, flags.endHeaders, 1),
      /do not decode/,
    ],
    ["more filling than there is", frameOf(Buffer.of(9, 1), types.data, flags.padded, 1), /filled with more/],
    ["settings that are cut off", frameOf(Buffer.alloc(5), types.settings), /cut off/],
    ["frames that are too small", settingsFrame([[5, 100]]), /not possible/],
    ["a window without end", settingsFrame([[4, 0xffff_ffff]]), /too large/],
    ["a window that is widened by nothing", frameOf(Buffer.alloc(4), types.window), /by nothing/],
    ["a push", frameOf(Buffer.alloc(4), types.push, 0, 1), /pushes/],
    ["headers that are broken off", frameOf(block, types.headers, 0, 1), /connection was closed|broken off/],
    ["a stream that is reset", frameOf(Buffer.of(0, 0, 0, 7), types.reset, 0, 1), /code 7/],
  ];
  it.each(broken)("ends with %s", async (_, bytes, reason) => {
    const port = await rawServer((socket) => {
      socket.write(bytes);
      socket.write(frameOf(Buffer.alloc(8), types.ping));
      setTimeout(() => socket.end(), 50);
    });
    expect((await ask(port)).reason).toMatch(reason);
  });

  it("does not take headers without end", async () => {
    const port = await rawServer((socket) => {
      socket.write(frameOf(Buffer.alloc(16_000), types.headers, 0, 1));
      for (let i = 0; i < 8; i++) socket.write(frameOf(Buffer.alloc(16_000), types.continuation, 0, 1));
    });
    expect((await ask(port)).reason).toMatch(/too large/);
  });
});
