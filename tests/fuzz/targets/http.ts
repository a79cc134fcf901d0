import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Input } from "@vedette/sdk";
import { testInputDeps } from "@vedette/sdk/testing";
import { freePort } from "@vedette/testkit";
import { openHttp } from "../../../plugins/http/input.ts";
import { inputSettings } from "../../../plugins/http/settings.ts";
import type { Target } from "../target.ts";

interface Server {
  readonly port: number;
  close(): Promise<void>;
}

let server: Promise<Server> | undefined;
let logs = 0;

async function start(): Promise<Server> {
  const stopping = new AbortController();
  const port = await freePort();
  const settings = inputSettings.parse({
    listen: `127.0.0.1:${port}`,
    dangerouslyAllowAnonymous: true,
    maxBodyBytes: 32_768,
    maxDecodedBytes: 65_536,
    routes: [
      { path: "/json", format: "json" },
      { path: "/lines", format: "lines" },
      { path: "/ndjson", format: "ndjson" },
    ],
  });
  const input: Input = await openHttp(settings, testInputDeps({ signal: stopping.signal }));
  const running = input.run({
    push: (log) => {
      logs++;
      if (typeof log.raw !== "string") throw new Error("A log without text.");
      queueMicrotask(() => void input.durable(log.position));
    },
  });
  const close = async (): Promise<void> => {
    stopping.abort();
    await running;
    await input.close?.();
  };
  return { port, close };
}

/** Sends raw bytes and reads until the server closes or answers; gives the status it answered first. */
const send = (port: number, bytes: Buffer): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const end = (): void => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]) || undefined);
    };
    socket.setTimeout(1_000, end);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("\r\n\r\n")) end();
    });
    socket.on("error", end);
    socket.on("close", end);
    socket.end(bytes);
  });

/** A well-formed request must be answered whatever came before. */
const alive = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const call = request({ port, host: "127.0.0.1", path: "/lines", method: "POST" }, (response) => {
      response.resume();
      if (response.statusCode === 200 || response.statusCode === 202 || response.statusCode === 204)
        resolve();
      else reject(new Error(`A good request was answered ${response.statusCode}.`));
    });
    call.setTimeout(5_000, () => call.destroy(new Error("A good request was not answered.")));
    call.on("error", reject);
    call.end("one line\n");
  });

const post = (path: string, body: Buffer | string, headers = ""): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`),
    bytes,
  ]);
};

/** The HTTP input behind a real socket: whatever arrives, the next good request is answered. */
export const http: Target = {
  name: "http",
  words: [
    "Content-Encoding: gzip\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "/json",
    '[{"a":1}]',
    "\n",
    "X-Hub-Signature-256: sha256=00\r\n",
  ],
  seeds: () => [
    post("/json", '[{"a":1},{"b":[1,2,{"c":null}]}]', "Content-Type: application/json\r\n"),
    post("/ndjson", '{"a":1}\n{"b":2}\n'),
    post("/lines", "one\ntwo\r\nthree"),
    post("/json", gzipSync('{"a":"zipped"}'), "Content-Encoding: gzip\r\n"),
    post("/lines", zstdCompressSync("zipped\n"), "Content-Encoding: zstd\r\n"),
    Buffer.from(
      "POST /lines HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n0\r\n\r\n",
    ),
    Buffer.from("GET /health HTTP/1.1\r\nHost: a\r\n\r\n"),
  ],
  async run(input) {
    server ??= start();
    const { port } = await server;
    const status = await send(port, input);
    if (status !== undefined && status >= 500 && status !== 503)
      throw new Error(`The input answered ${status}: a fault of its own.`);
    await alive(port);
  },
  async close() {
    await (await server)?.close();
    server = undefined;
    if (logs === 0) throw new Error("No log came through; the target tests nothing.");
  },
};
