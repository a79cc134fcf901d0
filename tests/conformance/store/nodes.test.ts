import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlain, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tlsClientOptions, tlsClientSettings } from "@vedette/sdk";
import { manualClock, noOpenssl, recordingLogger, TestAuthority } from "@vedette/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EngineHandle, startEngine } from "../../../collector/src/engine/index.ts";
import { openStore, type StoreTarget } from "../../../collector/src/store/index.ts";
import { nativeOf, nginxEvents } from "../../../collector/src/store/testing/nginx-events.ts";

const deps = { log: recordingLogger(), clock: manualClock() };
const start = Date.UTC(2026, 0, 1, 10);

describe("a store of several addresses", () => {
  let dir: string;
  let engine: EngineHandle;
  const doors: Door[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-nodes-"));
    engine = await startEngine({ stateDir: dir });
  });
  afterAll(async () => {
    for (const door of doors) door.close();
    await engine?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  /** One more address of the same engine, as nodes of a cluster are for us. */
  const door = async (tls?: { certFile: string; keyFile: string }): Promise<Door> => {
    const opened = await Door.open(engine.url, tls);
    doors.push(opened);
    return opened;
  };
  const at = (...url: string[]): StoreTarget => ({
    ...{ user: engine.user, password: engine.password, database: engine.database },
    url,
  });

  it("is opened by several collectors at the same moment, and its schema made once", async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore(at(engine.url), deps)));
    const versions = await stores[0]!.query<{ version: number }>(
      "SELECT DISTINCT version FROM migrations ORDER BY version",
    );
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
    await Promise.all(stores.map((store) => store.close()));
  });

  it("goes on at the next address when one is away, and stays there", async () => {
    const [first, second] = [await door(), await door()];
    const store = await openStore(at("http://127.0.0.1:1", first.url, second.url), deps);
    const before = first.requests;
    await store.insertEvents(nativeOf(nginxEvents(5, start, 1, "away")), "away-1");
    expect(first.requests).toBeGreaterThan(before);
    first.close();
    await store.insertEvents(nativeOf(nginxEvents(5, start, 2, "away")), "away-2");
    const [row] = await store.query<{ n: string }>("SELECT count() AS n FROM events WHERE dataType = 'away'");
    expect(row?.n).toBe("10");
    expect(second.requests).toBeGreaterThanOrEqual(2);
    await store.close();
  });

  it("stores a batch once when a node dies between storing it and saying so", async () => {
    const [first, second] = [await door(), await door()];
    const store = await openStore(at(first.url, second.url), deps);
    first.dieAfter = (query) => query.startsWith("INSERT INTO events");
    await store.insertEvents(nativeOf(nginxEvents(7, start, 3, "dies")), "dies-1");
    expect(first.died).toBe(1);
    const [row] = await store.query<{ n: string }>("SELECT count() AS n FROM events WHERE dataType = 'dies'");
    expect(row?.n).toBe("7");
    await store.close();
  });

  it("says that none answers after it has tried each once", async () => {
    const gone = await door();
    gone.close();
    await expect(openStore(at("http://127.0.0.1:1", gone.url), deps)).rejects.toMatchObject({
      code: "store.unavailable",
      verdict: { verdict: "retry" },
    });
  });

  it.skipIf(noOpenssl())(
    "is spoken to over TLS, when its certificate is of the authority that was named",
    async () => {
      const authority = new TestAuthority(dir);
      const secure = await door(authority.issue("store"));
      const trusting = tlsClientSettings.parse({ caFile: authority.caFile });
      const store = await openStore({ ...at(secure.url), tls: await tlsClientOptions(trusting, dir) }, deps);
      await store.insertEvents(nativeOf(nginxEvents(3, start, 4, "tls")), "tls-1");
      await store.close();
      const other = tlsClientSettings.parse({ caFile: new TestAuthority(dir, "other").caFile });
      for (const tls of [{}, await tlsClientOptions(other, dir)]) {
        await expect(openStore({ ...at(secure.url), tls }, deps)).rejects.toMatchObject({
          code: "store.unavailable",
          message: expect.stringMatching(/certificate|signed|issuer/i),
        });
      }
    },
  );
});

/** A proxy in front of the engine that can die at a chosen moment. */
class Door {
  readonly #server: ReturnType<typeof createPlain>;
  readonly url: string;
  requests = 0;
  died = 0;
  /** Where this holds for a statement, the answer to it never arrives: the connection breaks and the address is gone. */
  dieAfter: (query: string) => boolean = () => false;

  private constructor(server: ReturnType<typeof createPlain>, secure: boolean) {
    this.#server = server;
    this.url = `${secure ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(to: string, tls: { certFile: string; keyFile: string } | undefined): Promise<Door> {
    let door: Door;
    const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
      door.#pass(to, incoming, outgoing);
    const server = tls
      ? createSecure({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, answer)
      : createPlain(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    door = new Door(server as ReturnType<typeof createPlain>, tls !== undefined);
    return door;
  }

  #pass(to: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.requests++;
    const { method, headers, url = "/" } = incoming;
    const statement = new URL(url, to).searchParams.get("query") ?? "";
    const passed = request(new URL(url, to), { method: method ?? "GET", headers }, (answer) => {
      if (this.dieAfter(statement)) {
        answer.resume().once("end", () => {
          this.died++;
          incoming.socket.resetAndDestroy();
          this.close();
        });
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passed.once("error", () => outgoing.destroy());
    incoming.pipe(passed);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
