import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Input, InputLog } from "@vedette/sdk";
import { manualClock, testInputDeps, eventually as until } from "@vedette/sdk/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { openHttp } from "./input.ts";
import { inputSettings } from "./settings.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-http-"));
writeFileSync(join(dir, "token"), "file-token\n");
writeFileSync(join(dir, "secret"), "It's a Secret to Everybody");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  vi.unstubAllEnvs();
});

interface Started {
  readonly url: string;
  readonly port: number;
  readonly logs: InputLog[];
  readonly counts: ReadonlyMap<string, number>;
  readonly log: ReturnType<typeof testInputDeps>["log"];
  /** Makes everything pushed so far durable. */
  settle(): void;
  stop(): Promise<void>;
  /** What a test waits for: the next push. */
  readonly gate: { wait: Promise<void> | undefined };
}

async function start(
  settings: object = {},
  { durable = true, ...over }: { durable?: boolean } & Parameters<typeof testInputDeps>[0] = {},
): Promise<Started> {
  const stopping = new AbortController();
  const deps = testInputDeps({ signal: stopping.signal, baseDir: dir, ...over });
  const input: Input = await openHttp(inputSettings.parse({ listen: "127.0.0.1:0", ...settings }), deps);
  const logs: InputLog[] = [];
  const gate: Started["gate"] = { wait: undefined };
  const settle = (): void => {
    for (const { position } of logs) void input.durable(position);
  };
  const running = input.run({
    push: (log) => {
      logs.push(log);
      return gate.wait;
    },
    // As the agent does it: soon, and not inside the push.
    hasten: () => void (durable && setTimeout(settle, 1)),
  });
  const port = Number(/:(\d+)/.exec(input.health?.().message ?? "")?.[1]);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
    // As the agent does it: what was pushed is made durable, and then the input is closed.
    if (durable) settle();
    await input.close?.();
  };
  stops.push(stop);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    logs,
    counts: deps.counts,
    log: deps.log,
    settle,
    stop,
    gate,
  };
}

const post = (url: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body: body as Buffer<ArrayBuffer>, headers });
const raws = ({ logs }: Started): string[] => logs.map(({ raw }) => raw);

const json = { "content-type": "application/json" };
const ndjson = { "content-type": "application/x-ndjson" };
const text = { "content-type": "text/plain; charset=utf-8" };

describe("a body", () => {
  it.each([
    {
      name: "an object, kept as it is written",
      headers: json,
      body: ' {"b":1.0,"a":9007199254740993}\n',
      rows: ['{"b":1.0,"a":9007199254740993}'],
    },
    {
      name: "a list of objects and texts",
      headers: json,
      body: '[{"a":"x,]"},\n"a\\nb\\u0000c"]',
      rows: ['{"a":"x,]"}', "a\nb\0c"],
    },
    { name: "an empty list", headers: json, body: "[]", rows: [] },
    { name: "an object over several lines", headers: json, body: '{\n  "a": 1\n}', rows: ['{\n  "a": 1\n}'] },
    {
      name: "an object a line",
      headers: ndjson,
      body: '{"a":1}\r\n\n  \n{"a":2}',
      rows: ['{"a":1}', '{"a":2}'],
    },
    { name: "a log a line", headers: text, body: "a b\r\n\nc\0d\n{x", rows: ["a b", "c\0d", "{x"] },
    { name: "a list without a type", headers: {}, body: ' [{"a":1}]', rows: ['{"a":1}'] },
    { name: "objects without a type", headers: {}, body: '{"a":1}\n{"a":2}\n', rows: ['{"a":1}', '{"a":2}'] },
    { name: "lines without a type", headers: {}, body: "<1>a\nb", rows: ["<1>a", "b"] },
    {
      name: "of another JSON type",
      headers: { "content-type": "application/cloudevents+json" },
      body: '{"a":1}',
      rows: ['{"a":1}'],
    },
    { name: "nothing", headers: text, body: "", rows: [] },
  ])("is $name", async ({ headers, body, rows }) => {
    const started = await start();
    const response = await post(`${started.url}/logs`, Buffer.from(body), headers);
    expect(await response.json()).toEqual({ rows: rows.length });
    expect(response.status).toBe(200);
    expect(raws(started)).toEqual(rows);
    for (const { dataType, dataSource, facts } of started.logs)
      expect({ dataType, dataSource, facts }).toEqual({
        dataType: "generic",
        dataSource: "127.0.0.1",
        facts: { sender: "127.0.0.1", path: "/logs" },
      });
  });

  it("is one log on a path that says so", async () => {
    const started = await start({ routes: [{ path: "/one", format: "text" }] });
    await post(`${started.url}/one`, "a\nb");
    expect(raws(started)).toEqual(["a\nb"]);
  });

  it.each([
    { name: "gzip", encode: gzipSync },
    { name: "zstd", encode: zstdCompressSync },
    { name: "deflate", encode: deflateSync },
    { name: "deflate", encode: deflateRawSync },
    { name: "identity", encode: (bytes: Buffer) => bytes },
  ])("may be compressed with $name", async ({ name, encode }) => {
    const started = await start();
    const body = encode(Buffer.from('{"a":"ä"}\n{"a":2}\n'));
    const response = await post(`${started.url}/logs`, body, { ...ndjson, "content-encoding": name });
    expect(response.status).toBe(200);
    expect(raws(started)).toEqual(['{"a":"ä"}', '{"a":2}']);
  });

  it.each([
    {
      name: "a row that is no JSON",
      headers: ndjson,
      body: '{"a":1}\n\n{"a":',
      status: 400,
      says: { error: "Row 3 is not JSON.", row: 3 },
    },
    {
      name: "a row that is a number",
      headers: json,
      body: '[{"a":1},7]',
      status: 400,
      says: { error: "Row 2 is neither an object nor a text.", row: 2 },
    },
    {
      name: "a list that does not end",
      headers: json,
      body: '[{"a":1}',
      status: 400,
      says: { error: "The body is not a JSON list." },
    },
    {
      name: "too many rows",
      headers: text,
      body: "a\nb\nc\nd\n",
      status: 413,
      says: { error: "A request may have 3 rows." },
    },
    {
      name: "too many elements",
      headers: json,
      body: '["a","b","c","d"]',
      status: 413,
      says: { error: "A request may have 3 rows." },
    },
    {
      name: "a body that is too large",
      headers: text,
      body: "x".repeat(3_000),
      status: 413,
      says: { error: "A body may have 2048 bytes." },
    },
    {
      name: "a body that becomes too large",
      headers: { ...text, "content-encoding": "gzip" },
      body: gzipSync(Buffer.alloc(1e6)),
      status: 413,
      says: { error: "A body may have 4096 bytes after decompression." },
    },
    {
      name: "a body that is not what it says",
      headers: { ...text, "content-encoding": "zstd" },
      body: "no",
      status: 400,
      says: { error: "The body is not zstd." },
    },
    {
      name: "an unknown encoding",
      headers: { ...text, "content-encoding": "lzma" },
      body: "no",
      status: 415,
      says: { error: expect.stringContaining("gzip") as string },
    },
    {
      name: "an unknown type",
      headers: { "content-type": "image/png" },
      body: "no",
      status: 415,
      says: { error: expect.stringContaining("application/json") as string },
    },
  ])("is refused whole for $name", async ({ headers, body, status, says }) => {
    const started = await start({ maxRows: 3, maxBodyBytes: 2_048, maxDecodedBytes: 4_096 });
    const response = await post(`${started.url}/logs`, body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(says);
    expect(started.logs).toEqual([]);
    expect((await post(`${started.url}/logs`, "next", text)).status).toBe(200);
  });

  it("flags rows that are too long or not UTF-8", async () => {
    const started = await start({ maxRowBytes: 1_024 });
    await post(
      `${started.url}/logs`,
      Buffer.concat([Buffer.from(`${"é".repeat(600)}\na`), Buffer.from([0xff])]),
      text,
    );
    await post(
      `${started.url}/logs`,
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      json,
    );
    expect(raws(started)).toEqual(["é".repeat(512), "a\ufffd", '{"a":"\ufffd"}']);
    expect(Object.fromEntries(started.counts)).toEqual({ "flawed:cut": 1, "flawed:not_utf8": 2 });
    expect(started.logs[0]!.flaw).toContain("cut at 1024 bytes");
  });
});

describe("an answer", () => {
  it("is given when the logs are on disk and not before", async () => {
    const started = await start({}, { durable: false });
    let answered = false;
    const response = post(`${started.url}/logs`, "a\nb", text).finally(() => {
      answered = true;
    });
    await until("the logs are pushed", () => started.logs.length === 2);
    // A whole exchange on another connection: an answer that did not wait would be there by now.
    await fetch(`${started.url}/health`);
    expect(answered).toBe(false);
    started.settle();
    expect((await response).status).toBe(200);
  });

  it("is 503 while the spool makes it wait, and health says so", async () => {
    const started = await start();
    const gate = Promise.withResolvers<void>();
    started.gate.wait = gate.promise;
    const first = post(`${started.url}/logs`, "a\nb", text);
    await until("the first is held", () => started.logs.length === 1);
    const second = await post(`${started.url}/logs`, "c", text);
    expect([second.status, second.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await fetch(`${started.url}/health`)).status).toBe(503);
    started.gate.wait = undefined;
    gate.resolve();
    expect((await first).status).toBe(200);
    expect((await fetch(`${started.url}/health`)).status).toBe(200);
    expect(raws(started)).toEqual(["a", "b"]);
  });

  it("is 503 for what never becomes durable, when the agent stops", async () => {
    const started = await start({}, { durable: false });
    const response = post(`${started.url}/logs`, "a", text);
    await until("the log is pushed", () => started.logs.length === 1);
    await started.stop();
    expect((await response).status).toBe(503);
    await expect(post(`${started.url}/logs`, "b", text)).rejects.toThrow();
  });

  it("waits for a body that is on its way when the agent stops", async () => {
    const started = await start();
    const socket = connect(started.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += String(bytes);
    });
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write("POST /logs HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\na");
    await until("the request has come", () => socket.bytesWritten > 0);
    await fetch(`${started.url}/health`);
    const stopped = started.stop();
    socket.write("bc");
    await until("it is taken", () => started.logs.length === 1);
    await Promise.all([stopped, closed]);
    expect(answer).toContain("200 OK");
    expect(raws(started)).toEqual(["abc"]);
  });

  it("gives each data type a source of its own", async () => {
    const started = await start({ routes: [{ path: "/a", dataType: "nginx" }, { path: "/b" }] });
    await post(`${started.url}/a`, "x", text);
    await post(`${started.url}/b`, "x", text);
    const of = started.logs.map(({ dataType, position }) => `${dataType} ${position.source}`);
    expect(of).toEqual(["nginx test-1/nginx", "generic test-1/generic"]);
  });

  it.each([
    { name: "an unknown path", path: "/no", method: "POST", status: 404 },
    { name: "another method", path: "/logs", method: "GET", status: 405 },
    { name: "a post to the health path", path: "/health", method: "POST", status: 405 },
  ])("is $status for $name", async ({ path, method, status }) => {
    const { url } = await start();
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });
});

describe("limits", () => {
  it("lets an address send so often and no more", async () => {
    const { url, logs } = await start({ requestsPerSecond: 0.1 });
    expect((await post(`${url}/logs`, "a", text)).status).toBe(200);
    const next = await post(`${url}/logs`, "b", text);
    expect(next.status).toBe(429);
    expect(Number(next.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(logs).toHaveLength(1);
  });

  it("bounds the requests at the same time and the bytes they hold", async () => {
    const started = await start({ maxConcurrent: 2, memoryBytes: 2 ** 20 }, { durable: false });
    const first = post(`${started.url}/logs`, "x".repeat(700_000), text);
    await until("the first is taken", () => started.logs.length === 1);
    expect((await post(`${started.url}/logs`, "x".repeat(700_000), text)).status).toBe(503);
    const second = post(`${started.url}/logs`, "b", text);
    await until("the second is taken", () => started.logs.length === 2);
    const third = await post(`${started.url}/logs`, "c", text);
    expect([third.status, third.headers.get("retry-after")]).toEqual([503, "1"]);
    started.settle();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(Object.fromEntries(started.counts)).toMatchObject({
      "failed:http_memory": 1,
      "failed:http_concurrency": 1,
    });
    const last = post(`${started.url}/logs`, "x".repeat(1_000_000), text);
    await until("the memory is given back", () => started.logs.length === 3);
    started.settle();
    expect((await last).status).toBe(200);
  });

  it("ends a sender that does not finish, and one that does not speak HTTP", async () => {
    const { port, counts } = await start({ headerSeconds: 1, bodySeconds: 1 });
    const answers = await Promise.all(
      [
        "POST /logs HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\na",
        "POST /lo",
        "\u0000\u0001 what\r\n\r\n",
      ].map(
        (bytes) =>
          new Promise<string>((resolve) => {
            let answer = "";
            const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
            socket.on("data", (piece) => {
              answer += String(piece);
            });
            socket.on("error", () => undefined).on("close", () => resolve(answer));
          }),
      ),
    );
    expect(answers.map((answer) => /HTTP\/1.1 (\d+)/.exec(answer)?.[1])).toEqual(["408", "408", "400"]);
    expect(counts.get("failed:bad_request")).toBe(3);
  });
});

describe("a proof", () => {
  const routes = [
    {
      path: "/logs",
      auth: [
        { type: "bearer", token: { env: "VEDETTE_TEST_TOKEN" } },
        { type: "bearer", token: { file: "token" } },
        { type: "basic", user: "web", password: { env: "VEDETTE_TEST_TOKEN" } },
      ],
    },
  ];
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

  it.each([
    { value: "Bearer env-tökén", status: 200 },
    { value: "bearer  file-token", status: 200 },
    { value: basic("web:env-tökén"), status: 200 },
    { value: "Bearer env-tökén2", status: 401 },
    { value: "Bearer ", status: 401 },
    { value: basic("web:file-token"), status: 401 },
    { value: basic("other:env-tökén"), status: 401 },
    { value: "", status: 401 },
  ])("of $value is answered with $status", async ({ value, status }) => {
    vi.stubEnv("VEDETTE_TEST_TOKEN", "env-tökén");
    const started = await start({ routes });
    // Headers are bytes: fetch writes them as Latin-1.
    const authorization = Buffer.from(value).toString("latin1");
    const response = await post(`${started.url}/logs`, "a", { ...text, authorization });
    expect(response.status).toBe(status);
    expect(started.logs).toHaveLength(status === 200 ? 1 : 0);
    expect(started.counts.get("failed:http_unauthorized") ?? 0).toBe(status === 200 ? 0 : 1);
    expect(JSON.stringify(started.log.lines)).not.toMatch(/env-t|file-token/);
  });

  it("needs its secret when the input is opened", async () => {
    await expect(start({ routes })).rejects.toThrow("The environment variable VEDETTE_TEST_TOKEN is not set");
    const missing = [{ path: "/x", auth: [{ type: "bearer", token: { file: "nothing" } }] }];
    await expect(start({ routes: missing })).rejects.toThrow(/no such file/);
  });

  // The example of GitHub's documentation on validating webhook deliveries.
  it("is GitHub's signature by default", async () => {
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const auth = [{ type: "hmac", secret: { file: "secret" } }];
    const started = await start({ routes: [{ path: "/hook", auth, headers: ["X-GitHub-Event"] }] });
    const send = (body: string, value: string) =>
      post(`${started.url}/hook`, body, { ...text, "x-hub-signature-256": value, "x-github-event": "push" });
    expect((await send("Hello, World!", signature)).status).toBe(200);
    expect((await send("Hello, World?", signature)).status).toBe(401);
    expect((await send("Hello, World!", signature.slice(0, -1))).status).toBe(401);
    expect((await send("Hello, World!", signature.slice(7))).status).toBe(401);
    expect((await send("Hello, World!", "")).status).toBe(401);
    expect(started.logs).toHaveLength(1);
    expect(started.logs[0]!.facts).toEqual({ sender: "127.0.0.1", path: "/hook", "x-github-event": "push" });
  });

  it("is a signature of the bytes as they were sent, in any writing", async () => {
    const auth = [
      {
        type: "hmac",
        secret: { file: "secret" },
        header: "X-Sign",
        algorithm: "sha512",
        encoding: "base64",
        prefix: "",
      },
    ];
    const started = await start({ routes: [{ path: "/hook", auth }] });
    const body = gzipSync('{"a":1}');
    const sign = createHmac("sha512", "It's a Secret to Everybody").update(body).digest("base64");
    const response = await post(`${started.url}/hook`, body, {
      ...json,
      "content-encoding": "gzip",
      "x-sign": sign,
    });
    expect(response.status).toBe(200);
    expect(raws(started)).toEqual(['{"a":1}']);
  });

  it("may be of a time, and is refused when that is long ago or to come", async () => {
    const clock = manualClock();
    const auth = [
      {
        type: "hmac",
        secret: { file: "secret" },
        header: "Stripe-Signature",
        prefix: "v1=",
        signed: "timestampAndBody",
        toleranceSeconds: 60,
      },
    ];
    const started = await start({ routes: [{ path: "/hook", auth }] }, { clock });
    const send = (seconds: number, signed = seconds) => {
      const sign = createHmac("sha256", "It's a Secret to Everybody").update(`${signed}.{}`).digest("hex");
      return post(`${started.url}/hook`, "{}", {
        ...json,
        "stripe-signature": `t=${seconds},v1=00,v1=${sign}`,
      });
    };
    const now = clock.now() / 1_000;
    expect((await send(now - 59)).status).toBe(200);
    expect((await send(now + 59)).status).toBe(200);
    expect((await send(now - 61)).status).toBe(401);
    expect((await send(now + 61)).status).toBe(401);
    expect((await send(now, now - 1)).status).toBe(401);
  });
});

describe("a repeated request", () => {
  it("is answered and not taken again, also while the first still waits", async () => {
    const idempotency = { header: "X-GitHub-Delivery" };
    const started = await start({ routes: [{ path: "/hook", idempotency }] }, { durable: false });
    const send = (id: string, body = "a") =>
      post(`${started.url}/hook`, body, { ...text, "x-github-delivery": id });
    const first = send("1");
    await until("the first is taken", () => started.logs.length === 1);
    const again = send("1");
    const other = send("2", "b");
    await until("the other is taken", () => started.logs.length === 2);
    started.settle();
    expect((await Promise.all([first, again, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await send("1")).status).toBe(200);
    expect(raws(started)).toEqual(["a", "b"]);
  });

  it("is taken when the first was refused", async () => {
    const started = await start({ routes: [{ path: "/hook", idempotency: { header: "X-Id" } }] });
    const send = (body: string) => post(`${started.url}/hook`, body, { ...json, "x-id": "1" });
    expect((await send("{")).status).toBe(400);
    expect((await send("{}")).status).toBe(200);
  });

  it("can be known by its body", async () => {
    const started = await start({ routes: [{ path: "/hook", idempotency: "body" }] });
    for (const body of ["a", "b", "a"])
      expect((await post(`${started.url}/hook`, body, text)).status).toBe(200);
    expect(raws(started)).toEqual(["a", "b"]);
  });
});

describe("settings", () => {
  it.each([
    {
      name: "another host without TLS",
      settings: { listen: "192.0.2.1:1", dangerouslyAllowAnonymous: true },
      says: "unprotected",
    },
    {
      name: "another host without a proof",
      settings: { listen: "192.0.2.1:1", dangerouslyAllowPlaintext: true },
      says: "Everybody could send logs here",
    },
    {
      name: "a path taken twice",
      settings: { routes: [{ path: "/a" }, { path: "/a" }] },
      says: "taken already",
    },
    {
      name: "a secret in the file",
      settings: { routes: [{ path: "/a", auth: [{ type: "bearer", token: "x" }] }] },
      says: "",
    },
  ])("refuse $name", ({ settings, says }) => {
    const parsed = inputSettings.safeParse(settings);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues[0]?.message).toContain(says);
  });
});
