import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Notice } from "@vedette/sdk";
import { eventually, TestAuthority } from "@vedette/sdk/testing";
import { afterAll, describe, expect, it } from "vitest";
import { channelDeps } from "../_channel/testing/loopback.ts";
import { channel, connection } from "./channel.ts";
import { Mosquitto, noMosquitto } from "./testing/mosquitto.ts";

const notice: Notice = {
  ...{ id: "n-1", at: "2026-01-01T00:00:00.000Z", severity: "high", about: "alert", count: 2 },
  title: ["high: ", { value: 'SSH "brute" 漢字' }],
  lines: [["Source: ", { value: "203.0.113.9" }]],
};
const plain = (port: number, more: object = {}) =>
  connection.settings.parse({ host: "127.0.0.1", port, security: "dangerouslyPlain", ...more });

describe.skipIf(noMosquitto)("a notice to a real broker", () => {
  const brokers: Mosquitto[] = [];
  afterAll(() => Promise.all(brokers.map((broker) => broker.down("SIGKILL"))));
  const start = async (lines?: (dir: string) => readonly string[]): Promise<Mosquitto> => {
    const broker = await Mosquitto.start(lines);
    brokers.push(broker);
    return broker;
  };

  it("arrives as JSON, and is acknowledged", async () => {
    const broker = await start();
    let text = "";
    const args = ["-h", "127.0.0.1", "-p", String(broker.port), "-t", "ops/#", "-q", "1", "-v"];
    const reader = spawn("/usr/bin/mosquitto_sub", args, { stdio: ["ignore", "pipe", "ignore"] });
    reader.stdout.setEncoding("utf8").on("data", (said: string) => {
      text += said;
    });
    try {
      const to = plain(broker.port, { topic: "ops/alerts", retain: true });
      expect(await connection.test?.(to, channelDeps())).toMatchObject({ status: "healthy" });
      expect(await channel.send(notice, to, channelDeps())).toContain("acknowledged");
      await eventually("the message", () => text.includes("\n"));
    } finally {
      reader.kill("SIGKILL");
    }
    const [topic, json] = [text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" "))];
    expect(topic).toBe("ops/alerts");
    expect(JSON.parse(json)).toEqual({
      ...{ id: "n-1", at: notice.at, severity: "high", about: "alert", count: 2 },
      ...{ title: 'high: SSH "brute" 漢字', lines: ["Source: 203.0.113.9"] },
    });
  });

  it("is refused for a wrong certificate and without a login, and goes with TLS where both are good", async () => {
    const broker = await start((dir) => {
      const { certFile, keyFile } = new TestAuthority(dir).issue("broker");
      return [`certfile ${certFile}`, `keyfile ${keyFile}`];
    });
    const ca = readFileSync(join(broker.dir, "ca.pem"), "utf8");
    const secure = { host: "127.0.0.1", port: broker.port };
    await expect(
      channel.send(notice, connection.settings.parse(secure), channelDeps()),
    ).rejects.toMatchObject({ code: "notice.undelivered", message: expect.stringMatching(/certificate/i) });
    await channel.send(notice, connection.settings.parse({ ...secure, authority: ca }), channelDeps());
    const closed = await start(() => ["allow_anonymous false"]);
    await expect(channel.send(notice, plain(closed.port), channelDeps())).rejects.toMatchObject({
      code: "notice.refused",
    });
  });

  it("to a broker that is down is tried again later", async () => {
    const broker = await start();
    await broker.down();
    await expect(channel.send(notice, plain(broker.port), channelDeps())).rejects.toMatchObject({
      code: "notice.undelivered",
    });
  });
});

it("a notice to what is no broker, or says nothing, is tried again later", async () => {
  for (const said of ["HTTP/1.1 400 Bad Request\r\n\r\n", ""]) {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write(said);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    const { port } = server.address() as { port: number };
    await expect(
      channel.send(notice, plain(port), channelDeps(AbortSignal.timeout(500))),
    ).rejects.toMatchObject({ code: "notice.undelivered" });
    server.close();
  }
  await expect(channel.send(notice, plain(1), channelDeps(undefined, []))).rejects.toMatchObject({
    code: "notice.refused",
  });
});
