import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTls } from "node:tls";
import { type Notice, plainValue } from "@vedette/sdk";
import { eventually, noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { channelDeps } from "../_channel/testing/loopback.ts";
import { anyText } from "../_channel/testing/texts.ts";
import { channel, connection, syslogMessage } from "./channel.ts";

const noticeOf = (value: string): Notice => ({
  ...{ id: "n-1", at: "2026-01-01T00:00:00.000Z", severity: "critical", about: "alert", count: 2 },
  title: ["critical: ", { value: plainValue(value) }],
  lines: [["Source: ", { value: "203.0.113.9" }]],
  link: 'https://vedette.example/"]',
});

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const listen = async (server: Server, take: (text: string, socket: Socket) => void): Promise<number> => {
  servers.push(server);
  const event = "setSecureContext" in server ? "secureConnection" : "connection";
  server.on(event, (socket: Socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => take(bytes.toString(), socket));
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
};
const settingsOf = (port: number, more: object = {}) =>
  connection.settings.parse({ host: "127.0.0.1", port, ...more });
const plain = { security: "dangerouslyPlain" };

describe("a notice as syslog", () => {
  it("is one counted message, whatever attackers write", () => {
    fc.assert(
      fc.property(anyText(300), (value) => {
        const message = syslogMessage(noticeOf(value), 13, "web 1\n");
        expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(message).toMatch(
          /^<106>1 2026-01-01T00:00:00\.000Z web-1- vedette - alert \[vedette@32473 id="n-1" about="alert" count="2" link="https:\/\/vedette\.example\/\\"\\\]"\] \ufeffcritical: /u,
        );
        expect(message.endsWith(" | Source: 203.0.113.9")).toBe(true);
      }),
    );
  });

  it("arrives whole, its octets counted", async () => {
    let text = "";
    const port = await listen(createServer(), (said) => {
      text += said;
    });
    expect(await connection.test?.(settingsOf(port, plain), channelDeps())).toMatchObject({
      status: "healthy",
    });
    await channel.send(noticeOf("漢字"), settingsOf(port, plain), channelDeps());
    await eventually("the message", () => text.includes("203.0.113.9"));
    const [count = ""] = text.split(" ", 1);
    expect(Buffer.byteLength(text.slice(count.length + 1))).toBe(Number(count));
  });

  it.skipIf(noOpenssl())("goes over TLS to whom it is for, and to nobody else", async () => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-syslog-"));
    try {
      const authority = new TestAuthority(dir);
      const { certFile, keyFile } = authority.issue("receiver");
      let text = "";
      const server = createTls({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
      const port = await listen(server, (said) => {
        text += said;
      });
      await expect(channel.send(noticeOf("x"), settingsOf(port), channelDeps())).rejects.toMatchObject({
        ...{ code: "notice.undelivered", message: expect.stringMatching(/certificate/i) },
      });
      expect(text).toBe("");
      const trusting = settingsOf(port, { authority: readFileSync(authority.caFile, "utf8") });
      await channel.send(noticeOf("x"), trusting, channelDeps());
      await eventually("the message", () => text.includes("203.0.113.9"));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it("is tried again where nobody listens, and does not leave for this machine unless that is allowed", async () => {
    const server = createServer();
    const port = await listen(server, () => undefined);
    await new Promise((resolve) => server.close(resolve));
    await expect(channel.send(noticeOf("x"), settingsOf(port, plain), channelDeps())).rejects.toMatchObject({
      code: "notice.undelivered",
    });
    const closed = channelDeps(undefined, []);
    await expect(channel.send(noticeOf("x"), settingsOf(port, plain), closed)).rejects.toMatchObject({
      code: "notice.refused",
    });
  });
});
