import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { type CertificateFiles, noOpenssl, TestAuthority } from "@vedette/sdk/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Call, type CallStatus, type ClientTls, type GrpcServer, listenGrpc, nameOf } from "./index.ts";
import type { PeerCertificate } from "./tls.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-grpc-tls-"));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const limits = { maxMessageBytes: 1 << 20, keepAliveMs: 20_000, keepAliveTimeoutMs: 10_000 };
const pem = ({ certFile, keyFile }: CertificateFiles) => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});

/** Echoes one message a call, and notes who called. */
async function serve(files: CertificateFiles, clients?: TestAuthority) {
  const callers: (PeerCertificate | undefined)[] = [];
  const refused: string[] = [];
  const ca = clients && { ca: readFileSync(clients.caFile) };
  const tls = { ...pem(files), ...ca, minVersion: "TLSv1.3" as const };
  const at = { host: "127.0.0.1", port: 0 };
  const server: GrpcServer = await listenGrpc(
    { ...limits, at, maxStreams: 4, tls, refused: (reason) => void refused.push(reason) },
    {
      "/echo": (call) => {
        callers.push(call.certificate);
        return {
          message: (bytes) => call.write(bytes),
          end: () => call.end(),
          drain: () => undefined,
          close: () => undefined,
        };
      },
    },
  );
  cleanups.push(() => server.stop(100));
  return { server, callers, refused, address: `127.0.0.1:${server.port}` };
}

/** Says something and gives what came back, or how the call ended. */
function echo(address: string, tls: ClientTls, said: Buffer = Buffer.from("hello")) {
  return new Promise<{ heard?: Buffer; status?: CallStatus }>((resolve) => {
    const call = new Call(
      { ...limits, address, path: "/echo", userAgent: "test", tls },
      {
        message: (heard) => {
          resolve({ heard });
          call.cancel();
        },
        drain: () => undefined,
        ended: (status) => resolve({ status }),
      },
    );
    cleanups.push(() => call.cancel());
    call.write([said]);
  });
}

describe.skipIf(noOpenssl())("calls over TLS", () => {
  const ca = new TestAuthority(dir, "ca");
  const other = new TestAuthority(dir, "other");
  const ours = { ca: readFileSync(ca.caFile) };

  it("carries messages of any size both ways, and knows who calls", async () => {
    const agent = ca.issue("agent", { names: "URI:urn:vedette:agent:web-1" });
    const { address, callers } = await serve(ca.issue("server"), ca);
    const large = Buffer.alloc(900_000, "x");
    expect((await echo(address, { ...ours, ...pem(agent) }, large)).heard?.equals(large)).toBe(true);
    expect(callers[0]).toMatchObject({ uris: ["urn:vedette:agent:web-1"] });
    expect(nameOf(callers[0]!)).toBe("web-1");
    expect(callers[0]!.endsAt).toBeGreaterThan(Date.now());
  });

  it.each<[string, () => CertificateFiles, RegExp]>([
    ["is of another authority", () => other.issue("strange"), /authority that is not trusted/],
    ["has ended", () => ca.issue("old", { days: -1 }), /has ended/],
    ["is for another name", () => ca.issue("elsewhere", { names: "DNS:elsewhere" }), /for another name/],
  ])("sends nothing to a server whose certificate %s, and says so", async (_, files, said) => {
    let bytes = 0;
    const server = createTlsServer({ ...pem(files()), ALPNProtocols: ["h2"] }, (socket) => {
      socket.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const { status } = await echo(`127.0.0.1:${port}`, ours);
    expect(status?.details).toMatch(said);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bytes).toBe(0);
  });

  it("says that a server speaks no TLS, or no HTTP/2", async () => {
    const plain = createServer(
      (socket) =>
        void socket
          .on("error", () => undefined)
          .resume()
          .end("HTTP/1.1 400 No\r\n\r\n"),
    );
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise((resolve) => plain.close(resolve)));
    const { port } = plain.address() as { port: number };
    expect((await echo(`127.0.0.1:${port}`, ours)).status?.details).toMatch(/does not speak TLS/);
    const tls = createTlsServer(
      pem(ca.issue("server2")),
      (socket) => void socket.on("error", () => undefined).resume(),
    );
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise((resolve) => tls.close(resolve)));
    const at = tls.address() as { port: number };
    expect((await echo(`127.0.0.1:${at.port}`, ours)).status?.details).toMatch(/HTTP\/2/);
  });

  it.each<[string, () => CertificateFiles | undefined, string, RegExp]>([
    ["none", () => undefined, "certificate_missing", /none was shown/],
    ["one of another authority", () => other.issue("spy"), "certificate_untrusted", /does not trust/],
    ["one that has ended", () => ca.issue("late", { days: -1 }), "certificate_ended", /has ended/],
  ])("tells a client with %s why it is refused, and counts it", async (_, files, reason, said) => {
    const { address, callers, refused } = await serve(ca.issue("server3"), ca);
    const shown = files();
    const { status } = await echo(address, { ...ours, ...(shown && pem(shown)) });
    expect(status).toMatchObject({ code: 16, details: expect.stringMatching(said) as unknown });
    expect(refused).toEqual([reason]);
    expect(callers).toEqual([]);
  });

  it("takes a renewed certificate for connections that come later", async () => {
    const { address, server } = await serve(other.issue("first"));
    expect((await echo(address, ours)).status?.details).toMatch(/not trusted/);
    server.renew({ ...pem(ca.issue("second")), minVersion: "TLSv1.3" });
    expect((await echo(address, ours)).heard?.toString()).toBe("hello");
  });

  it("stops while somebody is connected who says nothing, or who goes in the same moment", async () => {
    const files = ca.issue("server4");
    const silent = await serve(files);
    const socket = connect(silent.server.port, "127.0.0.1").on("error", () => undefined);
    await new Promise((resolve) => socket.once("connect", resolve));
    await silent.server.stop(50);
    for (let round = 0; round < 20; round++) {
      const { server, address } = await serve(files);
      const call = new Call(
        { ...limits, address, path: "/echo", userAgent: "test", tls: ours },
        { message: () => undefined, drain: () => undefined, ended: () => undefined },
      );
      call.write([Buffer.from("hello")]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      call.cancel();
      await server.stop(50);
    }
  }, 9_000);

  it("takes no name from a certificate that has several, or one with quotes", () => {
    const certificate = (...uris: string[]) => ({ uris, serial: "1", endsAt: 0 });
    expect(nameOf(certificate("urn:vedette:agent:a", "urn:vedette:agent:b"))).toBeUndefined();
    expect(nameOf(certificate("urn:vedette:agent:a b", "https://a"))).toBeUndefined();
    expect(nameOf(certificate("https://a", "urn:vedette:agent:a"))).toBe("a");
  });
});

process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
