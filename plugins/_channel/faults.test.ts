import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Notice } from "@vedette/sdk";
import { noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelDeps, Loopback } from "./testing/loopback.ts";
import { vendors } from "./testing/vendors.ts";

const notice: Notice = {
  ...{ id: "n-1", at: "2026-01-01T00:00:00.000Z", severity: "high", about: "alert", count: 1 },
  title: ["high: ", { value: "SSH brute force" }],
  lines: [["From ", { value: "203.0.113.9" }]],
  link: "https://vedette.example/alerts/1",
};

const retry = (afterMs?: number) => ({
  code: "notice.undelivered",
  verdict: afterMs === undefined ? { verdict: "retry" } : { verdict: "retry", afterMs },
});
const never = { code: "notice.refused", verdict: { verdict: "drop" } };

/** What a remote system does, and what that means for the notice. */
const faults: readonly [string, RequestListener, object][] = [
  [
    "says how long to wait",
    (_, response) => void response.writeHead(429, { "retry-after": "7" }).end("{}"),
    retry(7_000),
  ],
  ["says so in JSON", (_, response) => void response.writeHead(429).end('{"retry_after":1.5}'), retry(1_500)],
  [
    "asks for a year",
    (_, response) => void response.writeHead(503, { "retry-after": "31536000" }).end(),
    retry(3_600_000),
  ],
  ["is broken", (_, response) => void response.writeHead(500).end("<html>oops</html>"), retry()],
  ["refuses the token", (_, response) => void response.writeHead(401).end('{"message":"no"}'), never],
  ["knows no such place", (_, response) => void response.writeHead(404).end("no_service"), never],
  ["closes at once", (request) => void request.socket.destroy(), retry()],
  [
    "closes in the middle of its answer",
    (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
      setTimeout(() => response.socket?.destroy(), 20);
    },
    retry(),
  ],
  [
    "answers without end",
    (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", more);
      more();
    },
    { code: "notice.undelivered" },
  ],
];

describe.each(vendors)(
  "a notice over $name",
  ({ name, channel, kind, settings, request, yes, knowsItself }) => {
    const server = new Loopback();
    let to: unknown;
    let base = "";
    beforeAll(async () => {
      base = await server.start();
      to = kind.settings.parse(settings(base));
    });
    beforeEach(() => {
      server.seen.length = 0;
    });
    afterAll(() => server.stop());

    it("arrives in the vendor's shape", async () => {
      server.answer = (_, response) => void response.writeHead(yes.status).end(yes.body);
      await channel.send(notice, to, channelDeps());
      expect(server.seen).toHaveLength(1);
      expect(server.seen[0]!.line).toMatch(request);
      expect(server.seen[0]!.body).toContain("SSH brute force");
      expect(server.seen[0]!.body).toContain("203.0.113.9");
    });

    it.each(faults)("to a system that %s", async (_, answer, expected) => {
      server.answer = answer;
      await expect(channel.send(notice, to, channelDeps())).rejects.toMatchObject(expected);
      expect(server.seen).toHaveLength(1);
    });

    it("to a system that is slow is given up in time", async () => {
      server.answer = () => undefined;
      const started = performance.now();
      await expect(channel.send(notice, to, channelDeps(AbortSignal.timeout(150)))).rejects.toMatchObject(
        retry(),
      );
      expect(performance.now() - started).toBeLessThan(5_000);
    });

    it("is not led elsewhere", async () => {
      server.answer = (_, response) => void response.writeHead(307, { location: `${base}/inner` }).end();
      await expect(channel.send(notice, to, channelDeps())).rejects.toMatchObject(never);
      expect(server.seen).toHaveLength(1);
    });

    it("is not taken for delivered because some page answered", async () => {
      server.answer = (_, response) => void response.writeHead(200).end("<html>Please log in</html>");
      const sent = channel.send(notice, to, channelDeps());
      if (knowsItself) await expect(sent).rejects.toMatchObject(retry());
      else await sent;
    });

    it("does not leave for this machine unless that is allowed", async () => {
      await expect(channel.send(notice, to, channelDeps(undefined, []))).rejects.toMatchObject(never);
      expect(server.seen).toEqual([]);
    });

    it("to a system that is down", async () => {
      const gone = new Loopback();
      const at = await gone.start();
      await gone.stop();
      const nowhere = kind.settings.parse(settings(at));
      await expect(channel.send(notice, nowhere, channelDeps())).rejects.toMatchObject(retry());
    });

    it("keeps its secrets out of what goes wrong", async () => {
      server.answer = (_, response) => void response.writeHead(500).end();
      const error: unknown = await channel.send(notice, to, channelDeps()).catch((thrown: unknown) => thrown);
      expect(String(error)).not.toMatch(/abcdefghijkl|syt_x|tk_x|0123456789abcdef|webhooks\/1|services\/T0/);
      expect(name).toBeTruthy();
    });
  },
);

describe.skipIf(noOpenssl())("a notice to a server with a wrong certificate", () => {
  const dir = mkdtempSync(join(tmpdir(), "vedette-channel-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("does not leave, whatever the vendor; one of the own authority is believed where it is given", async () => {
    const authority = new TestAuthority(dir);
    const { certFile, keyFile } = authority.issue("server");
    const server = new Loopback({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    const base = await server.start();
    try {
      for (const { channel, kind, settings, yes } of vendors) {
        server.answer = (_, response) => void response.writeHead(yes.status).end(yes.body);
        server.seen.length = 0;
        const to = kind.settings.parse(settings(base)) as object;
        await expect(channel.send(notice, to, channelDeps())).rejects.toMatchObject({
          ...retry(),
          message: expect.stringMatching(/certificate/i),
        });
        expect(server.seen).toEqual([]);
        const trusting = kind.settings.safeParse({
          ...settings(base),
          authority: readFileSync(authority.caFile, "utf8"),
        });
        if (!trusting.success) continue;
        await channel.send(notice, trusting.data, channelDeps());
        expect(server.seen).toHaveLength(1);
      }
    } finally {
      await server.stop();
    }
  });
});
