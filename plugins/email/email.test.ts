import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Notice, plainValue } from "@vedette/sdk";
import { eventually, TestAuthority } from "@vedette/sdk/testing";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { channelDeps } from "../_channel/testing/loopback.ts";
import { anyText } from "../_channel/testing/texts.ts";
import { channel, connection } from "./channel.ts";
import { messageOf } from "./message.ts";
import { noSmtpServer, SmtpServer } from "./testing/smtp-server.ts";

const noticeOf = (value: string): Notice => ({
  ...{ id: "0123456789abcdef", at: "2026-01-02T03:04:05.000Z", severity: "high", about: "alert", count: 1 },
  title: ["high: ", { value: plainValue(value) }],
  lines: [
    ["Source: ", { value: "203.0.113.9" }],
    ["User: ", { value: plainValue(value) }],
    [".", "."],
  ],
});
const notice = noticeOf("Bödse Nachricht 漢字");

const settingsOf = (port: number, more: object = {}) =>
  connection.settings.parse({
    ...{ host: "127.0.0.1", port, security: "dangerouslyPlain", from: "vedette@example.org" },
    ...{ to: ["ops@example.org"], ...more },
  });

/** Headers by name, and the body, of a message. */
function read(content: string): { readonly headers: Map<string, string>; readonly text: string } {
  const [head = "", ...body] = content.split("\r\n\r\n");
  const lines = head.replaceAll(/\r\n /g, "").split("\r\n");
  const headers = new Map(
    lines.map((line): [string, string] => [line.split(":")[0]!, line.slice(line.indexOf(":") + 2)]),
  );
  return { headers, text: Buffer.from(body.join("").replaceAll(/\s/g, ""), "base64").toString() };
}

const words = (subject = ""): string =>
  subject.replaceAll(/=\?UTF-8\?B\?([^?]*)\?=/g, (_, base64: string) =>
    Buffer.from(base64, "base64").toString(),
  );

describe("a message", () => {
  it("has the headers it was meant to have, whatever attackers write", () => {
    const nasty = fc.oneof(
      anyText(500),
      fc.constantFrom(
        "a\r\nBcc: all@example.org\r\n\r\nx",
        "\n.\nQUIT\n",
        "=?UTF-8?B?QQ==?=",
        "\u2028To: b@c.d",
      ),
    );
    fc.assert(
      fc.property(nasty, (value) => {
        const message = messageOf(
          noticeOf(value),
          { from: "a@b.example", to: ["c@d.example"] },
          "host\r\nX: y",
        );
        const { headers, text } = read(message);
        expect([...headers.keys()]).toEqual([
          ...["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version"],
          ...["Content-Type", "Content-Transfer-Encoding"],
        ]);
        expect(message).toMatch(/^[\x20-\x7e\r\n]*$/);
        expect(Math.max(...message.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(120);
        expect(text.split("\r\n")).toHaveLength(5);
        expect(headers.get("To")).toBe("c@d.example");
      }),
    );
  });
});

const missing = noSmtpServer();
describe.skipIf(missing)(`e-mail over a real SMTP server${missing ? ` (${missing})` : ""}`, () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-email-"));
  let authority: TestAuthority;
  let files: { certFile: string; keyFile: string };
  const running: SmtpServer[] = [];
  beforeAll(() => {
    authority = new TestAuthority(dir);
    files = authority.issue("mail");
  });
  afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const start = async (mode: "plain" | "starttls" | "tls", auth = false): Promise<SmtpServer> => {
    const cert = mode === "plain" ? {} : { cert: files.certFile, key: files.keyFile };
    const server = await SmtpServer.start({ mode, auth, ...cert });
    running.push(server);
    return server;
  };
  const trust = () => ({ authority: readFileSync(authority.caFile, "utf8") });
  const login = { username: "ops", password: "hunter2 ü" };

  it.each(["starttls", "tls"] as const)(
    "arrives over %s, with a login, as it was written",
    async (security) => {
      const server = await start(security, true);
      const to = settingsOf(server.port, {
        security,
        login,
        ...trust(),
        to: ["a@example.org", "b@example.org"],
      });
      expect(await connection.test?.(to, channelDeps())).toMatchObject({ status: "healthy" });
      expect(await channel.send(notice, to, channelDeps())).toContain("queued as T1");
      await eventually("the message", () => server.received.length === 1);
      const [got] = server.received;
      expect(got).toMatchObject({ to: ["a@example.org", "b@example.org"], tls: true, login: true });
      const { headers, text } = read(got!.content);
      expect(words(headers.get("Subject"))).toBe("high: Bödse Nachricht 漢字");
      expect(text).toBe(
        "high: Bödse Nachricht 漢字\r\n\r\nSource: 203.0.113.9\r\nUser: Bödse Nachricht 漢字\r\n..",
      );
      expect(headers.get("Message-ID")).toMatch(/^<0123456789abcdef@/);
    },
  );

  it("does not leave for a server with a wrong certificate, nor without TLS where that is asked for", async () => {
    const never = { code: "notice.refused", message: expect.stringContaining("STARTTLS") };
    const [secure, plain] = [await start("starttls"), await start("plain")];
    await expect(
      channel.send(notice, settingsOf(secure.port, { security: "starttls" }), channelDeps()),
    ).rejects.toMatchObject({ code: "notice.undelivered", message: expect.stringMatching(/certificate/i) });
    await expect(
      channel.send(notice, settingsOf(plain.port, { security: "starttls" }), channelDeps()),
    ).rejects.toMatchObject(never);
    expect([...secure.received, ...plain.received]).toEqual([]);
    expect(() => settingsOf(1, { login })).toThrow(/password is not sent without TLS/);
  });

  it("is refused for a wrong login and an unknown recipient, and tried again where the server says later", async () => {
    const server = await start("starttls", true);
    const wrong = { security: "starttls", login: { ...login, password: "no" }, ...trust() };
    await expect(channel.send(notice, settingsOf(server.port, wrong), channelDeps())).rejects.toMatchObject({
      code: "notice.refused",
      message: expect.stringContaining("535"),
    });
    const plain = await start("plain");
    const sendTo = (...to: string[]) => channel.send(notice, settingsOf(plain.port, { to }), channelDeps());
    await expect(sendTo("nobody@example.org")).rejects.toMatchObject({ code: "notice.refused" });
    await expect(sendTo("later@example.org")).rejects.toMatchObject({ code: "notice.undelivered" });
    expect(await sendTo("ops@example.org", "nobody@example.org")).toContain("not for nobody@example.org");
  });
});

describe("a server that", () => {
  const open: Socket[] = [];
  const behaving = async (work: (socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      open.push(socket);
      socket.on("error", () => undefined);
      work(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return (server.address() as { port: number }).port;
  };
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });
  it.each<[string, (socket: Socket) => void, RegExp]>([
    [
      "speaks another language",
      (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /no SMTP server/,
    ],
    ["closes at once", (socket) => void socket.end(), /closed/],
    ["talks without end", (socket) => void socket.write("220-x".repeat(50_000)), /too much|no SMTP/],
    ["says it is busy", (socket) => void socket.write("421 4.3.2 busy\r\n"), /421/],
    ["says nothing", () => undefined, /in time/],
  ])("%s is tried again later", async (_, work, expected) => {
    const to = settingsOf(await behaving(work));
    const patience = AbortSignal.timeout(expected.source === "in time" ? 500 : 60_000);
    await expect(channel.send(notice, to, channelDeps(patience))).rejects.toMatchObject({
      code: "notice.undelivered",
      message: expect.stringMatching(expected),
    });
  });

  it("answers more before TLS than it was asked is not believed", async () => {
    const port = await behaving((socket) => {
      socket.write("220 x\r\n");
      socket.on("data", (bytes: Buffer) => {
        const said = bytes.toString();
        if (said.startsWith("EHLO")) socket.write("250-x\r\n250 STARTTLS\r\n");
        if (said.startsWith("STARTTLS")) socket.write("220 go\r\n250 injected\r\n");
      });
    });
    await expect(
      channel.send(notice, settingsOf(port, { security: "starttls" }), channelDeps()),
    ).rejects.toMatchObject({ code: "notice.refused", message: expect.stringContaining("before TLS") });
  });

  it("is on this machine is not reached unless that is allowed", async () => {
    await expect(channel.send(notice, settingsOf(25), channelDeps(undefined, []))).rejects.toMatchObject({
      code: "notice.refused",
    });
  });
});
