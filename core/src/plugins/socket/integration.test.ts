import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AckSchema, LogSchema } from "@vedette/proto/plugins";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentSocketPlugins } from "./config.ts";
import type { PluginLog } from "./engine.ts";
import { SocketHost } from "./host.ts";

const dir = mkdtempSync(join(tmpdir(), "vi-"));
const [certFile, keyFile] = [join(dir, "cert.pem"), join(dir, "key.pem")];
const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const named = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
let withoutOpenssl = false;
try {
  execFileSync("openssl", [...request, ...named, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
} catch {
  withoutOpenssl = true;
}
const keys = { agent: "key-of-agent-seven", connection: "key-of-connections", internal: "key-of-the-inside" };

describe.skipIf(withoutOpenssl)("the door for agents of the EventProcessor (skipped without openssl)", () => {
  const taken: { log: PluginLog; safe: () => void }[] = [];
  const log = recordingLogger();
  let host: SocketHost;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    const integration = {
      ...{ listen: "127.0.0.1:0", certFile, keyFile, agents: { "7": keys.agent } },
      ...{ connectionKeys: [keys.connection], internalKeys: [keys.internal] },
    };
    const { signal } = new AbortController();
    host = await SocketHost.open(
      agentSocketPlugins.parse({ workDir: "w", integration }),
      { stateDir: dir, baseDir: dir },
      { log, clock: systemClock, signal },
    );
    host.takeLogs((each, safe) => void taken.push({ log: each, safe }));
    session = connect(`https://127.0.0.1:${host.integrationPort}`, { ca: readFileSync(certFile) });
    await once(session, "connect");
  });
  afterAll(async () => {
    session?.destroy();
    await host?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const framed = (message: Uint8Array): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };
  const open = (metadata: Record<string, string>, path = "/plugins.Integration/ProcessLog") => {
    const grpc = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
    const stream = session.request({ ...grpc, ...metadata });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const trailers = once(stream, "trailers").then(([headers]) => headers as IncomingHttpHeaders);
    const messages = (): Buffer[] => {
      const found: Buffer[] = [];
      const all = Buffer.concat(chunks);
      for (let at = 0; at + 5 <= all.length; ) {
        const end = at + 5 + all.readUInt32BE(at + 1);
        found.push(all.subarray(at + 5, end));
        at = end;
      }
      return found;
    };
    return { stream, trailers, messages };
  };
  const logOf = (id: string) =>
    framed(
      toBinary(LogSchema, create(LogSchema, { id, dataType: "wineventlog", dataSource: "pc-1", raw: id })),
    );

  it.each([
    ["an agent's id and key", { id: "7", key: keys.agent, type: "agent" }],
    ["a connection key", { "connection-key": keys.connection }],
    ["an internal key", { "internal-key": keys.internal }],
  ])("takes logs with %s, and acknowledges each when it is safe", async (_, metadata) => {
    taken.length = 0;
    const { stream, trailers, messages } = open(metadata);
    stream.write(logOf("one"));
    stream.end(logOf("two"));
    await expect.poll(() => taken.length).toBe(2);
    expect(taken[0]?.log).toMatchObject({
      id: "one",
      dataType: "wineventlog",
      dataSource: "pc-1",
      raw: "one",
    });
    expect(messages()).toEqual([]);
    for (const { safe } of taken) safe();
    expect((await trailers)["grpc-status"]).toBe("0");
    expect(messages().map((each) => fromBinary(AckSchema, each).lastId)).toEqual(["one", "two"]);
  });

  it.each([
    ["nobody", {}],
    ["an agent with another's key", { id: "8", key: keys.agent }],
    ["an agent with a wrong key", { id: "7", key: "key-of-agent-eight" }],
    ["an agent whose id is a word of the language", { id: "constructor", key: "x" }],
    ["an empty key", { "connection-key": "" }],
    ["a key under another name", { "connection-key": keys.internal }],
  ])("refuses %s", async (_, metadata) => {
    taken.length = 0;
    const { stream, trailers } = open(metadata as Record<string, string>);
    stream.write(logOf("one"));
    expect((await trailers)["grpc-status"]).toBe("16");
    expect(taken).toEqual([]);
  });

  it("says that it is well, as its original does, and speaks nothing but TLS 1.3", async () => {
    const { stream, trailers, messages } = open({}, "/grpc.health.v1.Health/Check");
    stream.end(framed(new Uint8Array()));
    expect((await trailers)["grpc-status"]).toBe("0");
    expect(messages()).toEqual([Buffer.from([8, 1])]);
    const old = connect(`https://127.0.0.1:${host.integrationPort}`, {
      ca: readFileSync(certFile),
      maxVersion: "TLSv1.2",
    });
    const [error] = (await once(old, "error")) as [Error];
    expect(error.message).toMatch(/protocol|version/i);
  });

  it("wants a key, and files that are there", async () => {
    const { signal } = new AbortController();
    const files = { certFile, keyFile };
    expect(agentSocketPlugins.safeParse({ integration: files }).error?.issues[0]?.message).toContain(
      "nobody",
    );
    const gone = agentSocketPlugins.parse({
      ...{ workDir: "w2", integration: { ...files, certFile: "gone.pem", internalKeys: [keys.internal] } },
    });
    const opening = SocketHost.open(
      gone,
      { stateDir: dir, baseDir: dir },
      { log, clock: systemClock, signal },
    );
    await expect(opening).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("gone.pem"),
    });
  });
});
