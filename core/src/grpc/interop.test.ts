import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { Call, type CallStatus, listenGrpc, status } from "./index.ts";
import type { Methods } from "./server.ts";

/** Both ends as they are here, and both as `@grpc/grpc-js` has them: each must understand the other. */
const path = "/test.Echo/Talk";
const same = (bytes: Buffer): Buffer => bytes;
const method = {
  path,
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
} as const;
const timing = { keepAliveMs: 20_000, keepAliveTimeoutMs: 10_000 };

/** Gives back what it gets; "end", "fail" and "cut" end the call in their way. */
const farewells: Readonly<Record<string, CallStatus>> = {
  end: { code: status.ok, details: "" },
  fail: { code: status.failedPrecondition, details: "Nein, 100 % – ✗" },
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const servers: Record<string, () => Promise<string>> = {
  ours: async () => {
    const methods: Methods = {
      [path]: (call) => ({
        message: (bytes) => {
          const farewell = bytes.length < 10 ? farewells[bytes.toString()] : undefined;
          if (farewell) call.end(farewell.code, farewell.details);
          else call.write(bytes);
          if (call.isFull) call.pause();
        },
        drain: () => call.resume(),
        end: () => call.end(),
        close: () => undefined,
      }),
    };
    const options = {
      at: { host: "127.0.0.1", port: 0 },
      maxMessageBytes: 8 << 20,
      maxStreams: 16,
      ...timing,
    };
    const server = await listenGrpc(options, methods);
    cleanups.push(() => server.stop(100));
    return `127.0.0.1:${server.port}`;
  },
  "grpc-js": async () => {
    const server = new Server({ "grpc.max_receive_message_length": 8 << 20 });
    const talk = (stream: ServerDuplexStream<Buffer, Buffer>): void => {
      stream.on("error", () => undefined);
      stream.on("end", () => stream.end());
      stream.on("data", (bytes: Buffer) => {
        const farewell = bytes.length < 10 ? farewells[bytes.toString()] : undefined;
        if (!farewell) stream.write(bytes);
        else if (farewell.code === status.ok) stream.end();
        else stream.emit("error", farewell);
      });
    };
    server.addService({ talk: method }, { talk });
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number): void => (error ? reject(error) : resolve(bound));
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), done);
    });
    cleanups.push(() => server.forceShutdown());
    return `127.0.0.1:${port}`;
  },
};

interface Talk {
  send(bytes: Buffer): void;
  readonly heard: Promise<Buffer[]>;
  readonly ended: Promise<CallStatus>;
}

/** Talks until the server ends the call; `heard` has all that came. */
const clients: Record<string, (address: string, to?: string) => Talk> = {
  ours: (address, to = path) => {
    const heard: Buffer[] = [];
    let call: Call | undefined;
    const ended = new Promise<CallStatus>((resolve) => {
      const options = { address, path: to, maxMessageBytes: 8 << 20, userAgent: "test", ...timing };
      call = new Call(options, {
        message: (bytes) => heard.push(bytes),
        drain: () => undefined,
        ended: resolve,
      });
    });
    cleanups.push(() => call?.cancel());
    const half = (bytes: Buffer): Buffer[] => [
      bytes.subarray(0, bytes.length >> 1),
      bytes.subarray(bytes.length >> 1),
    ];
    return { send: (bytes) => call?.write(half(bytes)), heard: ended.then(() => heard), ended };
  },
  "grpc-js": (address, to = path) => {
    const client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": 8 << 20,
    });
    cleanups.push(() => client.close());
    const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      to,
      same,
      same,
      new Metadata(),
    );
    const heard: Buffer[] = [];
    stream.on("data", (bytes: Buffer) => heard.push(bytes));
    stream.on("error", () => undefined);
    const ended = new Promise<CallStatus>((resolve) => {
      stream.on("status", ({ code, details }: CallStatus) => resolve({ code, details }));
    });
    return { send: (bytes) => void stream.write(bytes), heard: ended.then(() => heard), ended };
  },
};

const pairs = Object.keys(clients).flatMap((client) =>
  Object.keys(servers).map((server) => [client, server] as const),
);

describe.each(pairs)("a client of %s and a server of %s", (client, server) => {
  const open = async (to?: string): Promise<Talk> => clients[client]!(await servers[server]!(), to);

  it("exchange messages of any size and end well", async () => {
    const talk = await open();
    const messages = [
      Buffer.from("hello"),
      Buffer.alloc(0),
      Buffer.alloc(3 << 20, "abc"),
      Buffer.alloc(70_000, "x"),
    ];
    for (let round = 0; round < 5; round++) for (const each of messages) talk.send(each);
    talk.send(Buffer.from("end"));
    expect(await talk.ended).toEqual({ code: 0, details: expect.any(String) });
    const heard = await talk.heard;
    expect(heard.map((each) => each.length)).toEqual(
      Array.from({ length: 5 }, () => messages.map((m) => m.length)).flat(),
    );
    expect(heard.every((each, i) => each.equals(messages[i % messages.length]!))).toBe(true);
  });

  it("agree on a status and its text", async () => {
    const talk = await open();
    talk.send(Buffer.from("fail"));
    expect(await talk.ended).toEqual(farewells.fail);
  });

  it("agree on a message that is too large", async () => {
    const talk = await open();
    talk.send(Buffer.alloc((8 << 20) + 1));
    expect((await talk.ended).code).toBe(status.resourceExhausted);
  });

  it("agree on a method that is not there", async () => {
    const talk = await open("/test.Echo/Gone");
    expect((await talk.ended).code).toBe(status.unimplemented);
  });
});

describe("a call", () => {
  it("ends as unavailable where nobody listens", async () => {
    expect((await clients.ours!("127.0.0.1:1").ended).code).toBe(status.unavailable);
  });

  it("gives the memory of a message back when it is sent", async () => {
    const address = await servers.ours!();
    let call: Call | undefined;
    const sent = await new Promise<string>((resolve) => {
      const events = { message: () => undefined, drain: () => undefined, ended: () => resolve("ended") };
      call = new Call({ address, path, maxMessageBytes: 1 << 20, userAgent: "test", ...timing }, events);
      call.write([Buffer.alloc(500_000)], () => resolve("sent"));
    });
    call?.cancel();
    expect(sent).toBe("sent");
  });

  it("does not outlive a server that answers no pings", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const end = await new Promise<CallStatus>((resolve) => {
      const options = {
        address: `127.0.0.1:${port}`,
        path,
        maxMessageBytes: 1 << 20,
        userAgent: "test",
        keepAliveMs: 50,
        keepAliveTimeoutMs: 50,
      };
      new Call(options, { message: () => undefined, drain: () => undefined, ended: resolve });
    });
    expect(end).toEqual({ code: status.unavailable, details: expect.stringContaining("ping") });
  });
});
