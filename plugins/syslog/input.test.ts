import { createSocket } from "node:dgram";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type InputLog, type InputSink, TlsFiles } from "@vedette/sdk";
import {
  type CertificateFiles,
  noOpenssl,
  TestAuthority,
  testInputDeps,
  eventually as until,
} from "@vedette/sdk/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSyslog } from "./input.ts";
import { inputSettings, type SyslogSettings } from "./settings.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Started {
  readonly logs: InputLog[];
  readonly counts: ReadonlyMap<string, number>;
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

async function start(
  settings: Partial<Record<keyof SyslogSettings, unknown>> = {},
  { sink, ...over }: Parameters<typeof testInputDeps>[0] & { readonly sink?: InputSink } = {},
): Promise<Started> {
  const stopping = new AbortController();
  const deps = testInputDeps({ signal: stopping.signal, ...over });
  const listen = [
    { protocol: "udp", address: "127.0.0.1:0" },
    { protocol: "tcp", address: "127.0.0.1:0" },
  ];
  const input = await openSyslog(inputSettings.parse({ listen, ...settings }), deps);
  const logs: InputLog[] = [];
  const running = input.run(sink ?? { push: (log) => void logs.push(log) });
  const ports = [...(input.health?.().message ?? "").matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  stops.push(stop);
  return { logs, counts: deps.counts, ports, stop };
}

async function datagrams(port: number, texts: readonly (string | Buffer)[]): Promise<void> {
  const socket = createSocket("udp4");
  for (const text of texts) await new Promise((resolve) => socket.send(text, port, "127.0.0.1", resolve));
  socket.close();
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => resolve(socket));
    socket.once("error", reject);
    socket.resume();
  });
}

const raws = (logs: readonly InputLog[]): string[] => logs.map(({ raw }) => raw);

describe("over UDP", () => {
  it("makes one log of a datagram, whatever it holds, and says who sent it", async () => {
    const { logs, ports } = await start();
    const hostile = "<34>Oct 11 22:14:15 web su: a\n<0>Oct 11 22:14:16 root sudo: b\0c";
    await datagrams(ports[0]!, [hostile, "<1>second\r\n", "\n", "<2>third"]);
    await until("three logs", () => logs.length === 3);
    expect(raws(logs)).toEqual([hostile, "<1>second", "<2>third"]);
    expect(logs[0]).toMatchObject({
      dataType: "generic",
      dataSource: "127.0.0.1",
      facts: { sender: "127.0.0.1" },
    });
  });

  it("goes on counting behind its checkpoint, and gives no id twice", async () => {
    const { logs, ports } = await start({}, { checkpoint: () => ({ end: 700 }) });
    await datagrams(ports[0]!, ["<1>a", "<1>a"]);
    await until("two logs", () => logs.length === 2);
    expect(logs.map(({ position }) => position)).toEqual([
      { source: "test-1/messages", offset: 700, end: 701 },
      { source: "test-1/messages", offset: 701, end: 702 },
    ]);
    expect(logs[0]!.id).toMatch(/^[0-9a-f]{20}0000000002bc$/);
    expect(logs[1]!.id).not.toBe(logs[0]!.id);
  });

  it("keeps what it may while the sink makes it wait, and counts what is lost", async () => {
    const logs: InputLog[] = [];
    const gate = Promise.withResolvers<void>();
    const sink = { push: (log: InputLog) => (logs.push(log) === 1 ? gate.promise : undefined) };
    const { ports, counts } = await start({ queueBytes: 65_536 }, { sink });
    const texts = Array.from(
      { length: 100 },
      (_, n) => `<1>${String(n).padStart(2, "0")} ${"x".repeat(994)}`,
    );
    await datagrams(ports[0]!, texts);
    // One is in the sink and 65 of 1,000 bytes are in the queue. All have come before there is room again.
    const lost = 100 - 1 - 65;
    await until("the others are lost", () => counts.get("dropped:udp_queue_full") === lost);
    gate.resolve();
    await until("what was kept comes", () => logs.length === 100 - lost);
    expect(raws(logs)).toEqual(texts.slice(0, 100 - lost));
    expect(counts.get("dropped:udp_queue_full")).toBe(lost);
  });

  it("takes nothing from those who are not allowed, and counts it", async () => {
    const { logs, ports, counts } = await start({ allow: ["192.0.2.0/24", "2001:db8::/32"] });
    await datagrams(ports[0]!, ["<1>a"]);
    await until("it is counted", () => counts.get("dropped:sender_not_allowed") === 1);
    const socket = await connected(ports[1]!);
    socket.on("error", () => undefined);
    socket.write("<1>b\n");
    await until("the connection is refused", () => counts.get("failed:sender_not_allowed") === 1);
    expect(logs).toEqual([]);
  });
});

describe("over TCP", () => {
  it("takes every framing on one port, cuts what is too long and repairs what is not UTF-8", async () => {
    const { logs, ports, counts } = await start({ maxMessageBytes: 480 });
    const lines = await connected(ports[1]!);
    lines.end(
      Buffer.concat([
        Buffer.from(`<1>line\n<1>${"é".repeat(300)}\n<1>`),
        Buffer.from([0xff]),
        Buffer.from("\n"),
      ]),
    );
    await until("the lines", () => logs.length === 3);
    const counted = await connected(ports[1]!);
    counted.end("10 <2>two\nlns11 <2>another\n");
    await until("the counted ones", () => logs.length === 5);
    const zeros = await connected(ports[1]!);
    zeros.end("<3>a\0<3>b\nc\0");
    await until("all", () => logs.length === 7);
    expect(raws(logs)).toEqual([
      "<1>line",
      `<1>${"é".repeat(238)}`,
      "<1>\ufffd",
      "<2>two\nlns",
      "<2>another",
      "<3>a",
      "<3>b\nc",
    ]);
    expect(logs[1]!.flaw).toContain("cut at 480 bytes");
    expect(Object.fromEntries(counts)).toEqual({ "flawed:cut": 1, "flawed:not_utf8": 1 });
  });

  it.each([
    {
      from: "hostname",
      raw: "<34>1 2026-01-02T03:04:05Z web-1.example.net su - ID47 - x",
      source: "web-1.example.net",
    },
    { from: "hostname", raw: "<34>Oct 11 22:14:15 mymachine su: x", source: "mymachine" },
    { from: "hostname", raw: "<34>2026-01-02T03:04:05.123456+00:00 relay-2 su: x", source: "relay-2" },
    { from: "hostname", raw: "<34>1 - - su - - - x", source: "127.0.0.1" },
    { from: "hostname", raw: "free text", source: "127.0.0.1" },
    { from: "sender", raw: "<34>Oct 11 22:14:15 mymachine su: x", source: "127.0.0.1" },
  ])("takes the source of $raw from the $from", async ({ from, raw, source }) => {
    const { logs, ports } = await start({ dataSourceFrom: from });
    (await connected(ports[1]!)).end(`${raw}\n`);
    await until("the log", () => logs.length === 1);
    expect(logs[0]).toMatchObject({ raw, dataSource: source });
  });

  it("makes a fast sender wait and loses nothing", async () => {
    const logs: InputLog[] = [];
    let asleep = true;
    const gate = Promise.withResolvers<void>();
    const sink: InputSink = {
      push: (log) => {
        logs.push(log);
        return asleep ? gate.promise : undefined;
      },
    };
    const { ports } = await start({}, { sink });
    const socket = await connected(ports[1]!);
    const texts = Array.from({ length: 20_000 }, (_, n) => `<1>${n} ${"x".repeat(1_000)}`);
    const all = texts.map((text) => `${text}\n`).join("");
    let sent = 0;
    for (let at = 0; at < all.length; at += 65_536)
      socket.write(all.slice(at, at + 65_536), () => {
        sent += 65_536;
      });
    socket.end();
    await until("the first has come", () => logs.length === 1);
    // The buffers of two kernels' sockets and one stream take a few megabytes at most; then the sender stands still.
    let before = -1;
    await until("the sender stands still", () => {
      const still = sent === before;
      before = sent;
      return still;
    });
    expect(sent).toBeLessThan(all.length * 0.75);
    expect(logs).toHaveLength(1);
    asleep = false;
    gate.resolve();
    await until("all have come", () => logs.length === texts.length);
    expect(raws(logs)).toEqual(texts);
  });

  it("reads what was sent before it stops, and does not wait long", async () => {
    const { logs, ports, stop } = await start();
    const socket = await connected(ports[1]!);
    socket.write("<1>a\n<1>unfinished");
    await until("the first", () => logs.length === 1);
    socket.on("end", () => socket.end("\n<1>last words\n"));
    const begun = performance.now();
    await stop();
    // A moment; for ever, if it waited for the sender's end.
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(raws(logs)).toEqual(["<1>a", "<1>unfinished", "<1>last words"]);
  });

  it("refuses connections beyond the bound and ends silent ones, counting both", async () => {
    const { logs, ports, counts } = await start({ maxConnections: 1, idleSeconds: 1 });
    const first = await connected(ports[1]!);
    let ended = false;
    first
      .on("error", () => undefined)
      .on("close", () => {
        ended = true;
      });
    const second = await connected(ports[1]!).catch(() => undefined);
    second?.on("error", () => undefined);
    await until("the second is refused", () => counts.get("failed:too_many_connections") === 1);
    await until("the first has ended", () => ended || !first.readable);
    expect(counts.get("failed:idle_connection")).toBe(1);
    expect(logs).toEqual([]);
  });

  it("says which address it cannot have, and leaves the others free", async () => {
    const { ports } = await start();
    const taken = { protocol: "tcp", address: `127.0.0.1:${ports[1]}` };
    await expect(start({ listen: [{ protocol: "udp", address: "127.0.0.1:0" }, taken] })).rejects.toThrow(
      `Cannot listen on tcp ${taken.address}: listen EADDRINUSE`,
    );
  });

  it("fails as a whole when its sink does, so that it is opened again", async () => {
    const stopping = new AbortController();
    const deps = testInputDeps({ signal: stopping.signal });
    const listen = [{ protocol: "udp", address: "127.0.0.1:0" }];
    const input = await openSyslog(inputSettings.parse({ listen }), deps);
    const running = input.run({
      push: () => {
        throw new Error("No room.");
      },
    });
    const port = Number(/:(\d+)/.exec(input.health?.().message ?? "")?.[1]);
    await Promise.all([datagrams(port, ["<1>a"]), expect(running).rejects.toThrow("No room.")]);
    expect(deps.counts.get("dropped:not_taken")).toBe(1);
  });
});

const missing = noOpenssl();
describe.skipIf(missing !== undefined)(`over TLS${missing ? ` (${missing})` : ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-syslog-"));
  let authority: TestAuthority;
  let server: CertificateFiles;
  let client: CertificateFiles;
  let stranger: CertificateFiles;
  beforeAll(() => {
    authority = new TestAuthority(dir);
    server = authority.issue("server");
    client = authority.issue("client");
    stranger = new TestAuthority(dir, "other-ca").issue("stranger");
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const pem = ({ certFile, keyFile }: { certFile: string; keyFile: string }) => ({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  });
  function secured(port: number, options: object = {}): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const ca = readFileSync(authority.caFile);
      const socket = connectTls({ port, host: "127.0.0.1", ca, ...options }, () => resolve(socket));
      socket.once("error", reject);
    });
  }
  const listen = (tls: object) => [{ protocol: "tls", address: "127.0.0.1:0", tls: { ...server, ...tls } }];

  it("takes senders whose certificate it knows, in TLS 1.2 and later, and no others", async () => {
    const { logs, ports, counts } = await start({ listen: listen({ clientCaFile: authority.caFile }) });
    (await secured(ports[0]!, { ...pem(client), maxVersion: "TLSv1.2" })).end("7 <1>a\nbc");
    await until("the log", () => logs.length === 1);
    expect(logs[0]).toMatchObject({ raw: "<1>a\nbc", facts: { sender: "127.0.0.1" } });
    // In TLS 1.3 the client learns of the refusal only after its own handshake is done.
    const refused = await secured(ports[0]!, pem(stranger)).catch(() => undefined);
    refused?.on("error", () => undefined).write("<1>stranger\n");
    await until("the stranger is refused", () => (counts.get("failed:tls_handshake") ?? 0) === 1);
    await expect(
      secured(ports[0]!, { ...pem(client), minVersion: "TLSv1.1", maxVersion: "TLSv1.1" }),
    ).rejects.toThrow();
    const plain = await connected(ports[0]!);
    plain.on("error", () => undefined).write("<1>plain text\n");
    await until("plain text is refused", () => (counts.get("failed:tls_handshake") ?? 0) >= 3);
    expect(logs).toHaveLength(1);
  });

  it("uses a changed certificate for new connections, and keeps the old one while the new one is broken", async () => {
    const files = { certFile: join(dir, "live.pem"), keyFile: join(dir, "live.key") };
    const install = (from: { certFile: string; keyFile: string }): void => {
      copyFileSync(from.keyFile, files.keyFile);
      copyFileSync(from.certFile, files.certFile);
    };
    install(server);
    const tls = new TlsFiles(files, dir);
    const used: string[] = [];
    tls.read();
    const stop = new AbortController();
    const deps = testInputDeps({ signal: stop.signal });
    tls.watch(({ cert }) => void used.push(String(cert)), deps, 5);
    writeFileSync(files.certFile, "no certificate");
    await until("it says so", () => tls.problem !== undefined);
    expect(used).toEqual([]);
    install(client);
    await until("the new one is used", () => used.length > 0 && tls.problem === undefined);
    stop.abort();
    expect(used.at(-1)).toBe(readFileSync(client.certFile, "utf8"));
  });

  it("says which file is missing", async () => {
    await expect(start({ listen: listen({ keyFile: join(dir, "no.key") }) })).rejects.toThrow(
      /no\.key.*does not exist/,
    );
  });
});
