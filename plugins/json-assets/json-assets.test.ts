import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJson } from "../_assets/json.ts";
import { pluginContext } from "../_assets/testing/context.ts";
import { Loopback } from "../_channel/testing/loopback.ts";
import { jsonAssets } from "./index.ts";
import { readInventory } from "./inventory.ts";
import type { Settings } from "./settings.ts";

const sample = {
  systems: [
    {
      ...{ vmid: 104, hostname: "web-1", type: "lxc", unknown: true },
      apps: [
        {
          ...{ name: "Nextcloud", version: 30.1, release_url: "https://github.com/nextcloud/server" },
          ...{ app_url: "https://cloud.example.net", host_url: "https://cloud.example.net:8443/x" },
        },
        {
          name: "Gitea",
          url: "go-gitea/gitea",
          homepage: "https://git.example.net",
          host: "git.example.net",
        },
      ],
    },
    { hostname: "nas" },
  ],
};
const { assets, read } = jsonAssets.assets!;
const on = (settings: object, allow?: string[]) =>
  pluginContext<Settings>(jsonAssets, { enabled: true, ...settings }, allow ? { allow } : {});
const listOf = async (found: unknown): Promise<unknown[]> => [...((await found) as Iterable<unknown>)];

describe("an inventory", () => {
  it("is read with all its spellings", () => {
    expect(readInventory(sample)).toEqual({
      refused: [],
      assets: [
        {
          ...{
            id: "104",
            name: "web-1",
            hostnames: ["web-1"],
            kind: "lxc",
            ips: [],
            labels: {},
            criticality: 0,
          },
          apps: [
            {
              ...{ name: "Nextcloud", version: "30.1", releaseUrl: "https://github.com/nextcloud/server" },
              ...{ appUrl: "https://cloud.example.net", hostUrl: "https://cloud.example.net:8443/x" },
            },
            {
              ...{ name: "Gitea", releaseUrl: "go-gitea/gitea", appUrl: "https://git.example.net" },
              hostUrl: "git.example.net",
            },
          ],
        },
        {
          ...{
            id: "nas",
            name: "nas",
            hostnames: ["nas"],
            kind: "host",
            ips: [],
            labels: {},
            criticality: 0,
          },
          apps: [],
        },
      ],
    });
  });

  it("says by its place what does not fit, and keeps the rest", () => {
    const systems = [
      ...[
        null,
        { vmid: 1 },
        { hostname: "x".repeat(3_000) },
        { hostname: "a", apps: [{ name: "" }, { name: "ok" }] },
      ],
      ...[{ hostname: "a" }, { hostname: "b", apps: Array.from({ length: 1_001 }, () => ({ name: "n" })) }],
    ];
    const { assets: found, refused } = readInventory({ systems });
    expect(found.map(({ id, apps }) => [id, apps?.length])).toEqual([["a", 1]]);
    expect(refused.map((each) => each.replace(/:.*/, ""))).toEqual([
      ...["systems[0]", "systems[1].hostname", "systems[2].hostname", "systems[3].apps[0].name"],
      ...["systems[4]", "systems[5].apps"],
    ]);
  });

  it.each([
    [null],
    [[]],
    [{}],
    [{ systems: {} }],
    ["x"],
    [{ systems: Array.from({ length: 10_001 }, () => ({})) }],
  ])("is none: %#", (document) =>
    expect(() => readInventory(document)).toThrow(/no inventory|more than 10000/),
  );

  it("of any shape is read or refused, never more", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const { assets: found } = readInventory({ systems: [value, { hostname: "h", apps: [value] }] });
        expect(found.some(({ id }) => id === "h")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a document", () => {
  const bytes = (text: string) => Buffer.from(text);
  it("is JSON, packed or not", async () => {
    expect(await readJson(bytes('{"a":"[[[\\"[["}'))).toEqual({ a: '[[["[[' });
    expect(await readJson(gzipSync('{"a":1}'))).toEqual({ a: 1 });
  });
  it.each([
    ["a page", bytes("<!doctype html><p>no"), /is a page/],
    ["half of one", bytes('{"systems": ['), /is not JSON/],
    ["nested too deep", bytes("[".repeat(21)), /nested more than 20/],
    ["ten million brackets", bytes("[".repeat(10_000_000)), /nested more than 20/],
    ["too long", Buffer.alloc(10 * 2 ** 20 + 1), /more than 10485760/],
    ["too long when unpacked", gzipSync(Buffer.alloc(11 * 2 ** 20)), /bytes unpacked/],
    ["packed by halves", gzipSync('{"a":1}').subarray(0, 12), /cannot be unpacked/],
  ])("is refused: %s", async (_, given, why) => {
    await expect(readJson(given)).rejects.toThrow(why);
  });
});

describe("the plugin", () => {
  const dir = mkdtempSync(join(tmpdir(), "json-assets-"));
  const server = new Loopback();
  let base = "";
  beforeAll(async () => {
    base = await server.start();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(dir, { recursive: true });
  });

  it("reads a file, and says what is wrong with one", async () => {
    const file = join(dir, "assets.json");
    writeFileSync(file, JSON.stringify(sample));
    const { context } = on({ file });
    expect(await listOf(assets(context))).toHaveLength(2);
    expect(await jsonAssets.health!(context)).toEqual({
      status: "healthy",
      message: expect.stringContaining("2 sys"),
    });
    writeFileSync(file, JSON.stringify({ systems: [{}] }));
    await assets(context);
    expect(await jsonAssets.health!(context)).toMatchObject({
      status: "warning",
      message: expect.stringContaining("systems[0].hostname"),
    });
    for (const wrong of [join(dir, "none"), dir])
      await expect(assets(on({ file: wrong }).context)).rejects.toThrow(
        `The inventory ${wrong} cannot be read`,
      );
  });

  it("says nothing while there is nothing to read, and takes what is sent", async () => {
    expect(await assets(on({}).context)).toBeUndefined();
    expect(await jsonAssets.health!(on({}).context)).toMatchObject({ status: "warning" });
    const { context } = on({ source: "sent" });
    expect(await assets(context)).toBeUndefined();
    expect(await listOf(read!(sample, context))).toHaveLength(2);
    await expect(listOf(read!([], context))).rejects.toThrow("no inventory");
  });

  it("asks an address with its token, follows three redirects and not a fourth", async () => {
    server.answer = (request, response) => {
      const left = Number(new URL(request.url!, base).searchParams.get("left"));
      if (left > 0) response.writeHead(302, { location: `/a?left=${left - 1}` }).end();
      else response.end(gzipSync(JSON.stringify(sample)));
    };
    const given = (left: number) =>
      on({ source: "url", url: `${base}/a?left=${left}`, token: "t0ken" }).context;
    expect(await listOf(assets(given(3)))).toHaveLength(2);
    expect(server.seen.at(-1)?.headers["authorization"]).toBe("Bearer t0ken");
    await expect(assets(given(4))).rejects.toThrow("redirects too often");
  });

  it.each<[string, number, string | Buffer, RegExp]>([
    ["a page", 200, "<html>", /is a page/],
    ["no such place", 404, "", /answered 404/],
    ["a wrong token", 401, "{}", /credentials are wrong/],
    ["an overload", 503, "<html>", /answered 503: it is overloaded/],
    ["nothing", 200, "", /no inventory/],
  ])("says why it has no inventory: %s", async (_, status, body, why) => {
    server.answer = (__, response) => response.writeHead(status).end(body);
    await expect(assets(on({ source: "url", url: `${base}/a` }).context)).rejects.toThrow(why);
  });

  it("asks nothing of this machine unless that is allowed, not by a redirect either", async () => {
    server.seen.length = 0;
    await expect(assets(on({ source: "url", url: `${base}/a` }, []).context)).rejects.toMatchObject({
      code: "egress.refused",
    });
    expect(server.seen).toEqual([]);
    server.answer = (_, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
    await expect(assets(on({ source: "url", url: `${base}/a` }).context)).rejects.toMatchObject({
      code: "egress.refused",
    });
  });

  it("gives up an answer that ends too early", async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"systems":');
      response.destroy();
    };
    await expect(assets(on({ source: "url", url: `${base}/a` }).context)).rejects.toThrow();
  });
});
