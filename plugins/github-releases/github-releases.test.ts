import { type Asset, asset } from "@vedette/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { repositoryOf } from "../_assets/releases.ts";
import { pluginContext } from "../_assets/testing/context.ts";
import { Loopback } from "../_channel/testing/loopback.ts";
import { githubReleases } from "./index.ts";
import type { Settings } from "./settings.ts";

it.each([
  ["https://github.com/Nextcloud/server", "nextcloud/server"],
  ["https://github.com/a/b.git", "a/b"],
  ["https://github.com/a/b/releases/latest", "a/b"],
  ["https://api.github.com/repos/a/b/releases", "a/b"],
  ["github/a/b", "a/b"],
  ["github:a/b", "a/b"],
  ["a/b", "a/b"],
  ["https://gitlab.com/a/b", undefined],
  ["https://github.com.evil.example/a/b", undefined],
  ["https://github.com/a", undefined],
  ["https://github.com/../..", undefined],
  ["a/b/c", undefined],
  ["", undefined],
])("%s means %s", (address, repository) => expect(repositoryOf(address)).toBe(repository));

describe("releases", () => {
  const server = new Loopback();
  let base = "";
  beforeAll(async () => {
    base = await server.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.seen.length = 0;
  });
  const of = (...releaseUrls: string[]): Asset[] => [
    asset.parse({
      id: "1",
      name: "h",
      apps: releaseUrls.map((releaseUrl) => ({ name: releaseUrl, releaseUrl })),
    }),
  ];
  const given = (assets: Asset[], more: object = {}) =>
    pluginContext<Settings>(githubReleases, { enabled: true, apiUrl: base, ...more }, { assets });
  const tick = (to: ReturnType<typeof given>) => githubReleases.periodic!.tick(to.context);
  const lines = () => server.seen.map(({ line }) => line);

  it("are asked once for a repository, however often and under whatever address it is named", async () => {
    server.answer = (request, response) => {
      if (request.headers["if-none-match"] === '"e1"') return response.writeHead(304).end();
      response.setHeader("etag", '"e1"');
      return response.end('{"tag_name":"v1.2.0","html_url":"https://github.com/a/b/releases/tag/v1.2.0"}');
    };
    const to = given(of("https://github.com/a/b", "a/b", "https://gitlab.com/c/d"), { token: "t0ken" });
    await tick(to);
    expect(lines()).toEqual(["GET /repos/a/b/releases/latest"]);
    expect(server.seen[0]?.headers["authorization"]).toBe("Bearer t0ken");
    const url = "https://github.com/a/b/releases/tag/v1.2.0";
    expect(to.released).toEqual([
      { releaseUrl: "https://github.com/a/b", version: "v1.2.0", url },
      { releaseUrl: "a/b", version: "v1.2.0", url },
    ]);
    await tick(to);
    expect(lines()).toHaveLength(1);
    to.clock.advance(6 * 3_600_000);
    await tick(to);
    expect(server.seen[1]?.headers["if-none-match"]).toBe('"e1"');
    expect(to.released).toHaveLength(4);
    expect(await githubReleases.health!(to.context)).toMatchObject({ status: "healthy" });
  });

  it("are tags where there are none, and a problem where there is neither", async () => {
    server.answer = (request, response) => {
      if (request.url === "/repos/a/tags/tags?per_page=1") return response.end('[{"name":"2024.1"}]');
      return response.writeHead(404).end('{"message":"Not Found"}');
    };
    const to = given(of("a/tags", "a/none"));
    await tick(to);
    expect(to.released).toMatchObject([{ releaseUrl: "a/tags", version: "2024.1" }]);
    expect(await githubReleases.health!(to.context)).toMatchObject({
      status: "warning",
      message: expect.stringContaining("a/none has no release"),
    });
  });

  it.each<[string, number, (now: number) => Record<string, string>, number]>([
    [
      "its hour is over",
      403,
      (now) => ({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${now / 1_000 + 1_800}` }),
      1_800,
    ],
    ["it is asked too fast", 429, () => ({ "retry-after": "90" }), 90],
    ["it is broken", 502, () => ({}), 300],
    ["it names a time without end", 429, () => ({ "retry-after": "99999999" }), 86_400],
  ])("are not asked for while GitHub says so: %s", async (_, status, headers, seconds) => {
    const to = given(of("a/b", "a/c"));
    server.answer = (__, response) => response.writeHead(status, headers(to.clock.now())).end("<html>");
    await tick(to);
    expect(lines()).toHaveLength(1);
    to.clock.advance((seconds - 1) * 1_000);
    await tick(to);
    expect(lines()).toHaveLength(1);
    to.clock.advance(2_000);
    await tick(to);
    expect(lines()).toHaveLength(2);
  });

  it("of a repository that may not be seen disturb no other", async () => {
    server.answer = (request, response) =>
      request.url?.includes("/a/closed/")
        ? response.writeHead(403, { "x-ratelimit-remaining": "50" }).end('{"message":"x"}')
        : response.end('{"tag_name":"1"}');
    const to = given(of("a/closed", "a/open"));
    await tick(to);
    expect(to.released).toEqual([{ releaseUrl: "a/open", version: "1" }]);
  });

  it("are asked for in small numbers, the longest unasked first, and no more than can be kept", async () => {
    server.answer = (_, response) => response.end('{"tag_name":"1"}');
    const to = given(of(...Array.from({ length: 905 }, (_, at) => `a/r${at}`)));
    await tick(to);
    await tick(to);
    expect(new Set(lines()).size).toBe(60);
    expect(await githubReleases.health!(to.context)).toMatchObject({
      message: expect.stringContaining("900 repositories are looked after. 5 more are not"),
    });
  });
});
