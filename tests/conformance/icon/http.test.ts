import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { HostedPlugin, HttpTransport, httpDefaults, openIconServer } from "@vedette/core/plugins/icon";
import { afterEach, describe, expect, it } from "vitest";
import { hostileBench } from "./bench.ts";
import { noPython } from "./python.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const bench = (...args: Parameters<typeof hostileBench>) => {
  const made = hostileBench(...args);
  closing.push(made.close, () => made.stop.abort());
  return made;
};

/** The plugin of the bench, asked over HTTP at this address. */
const client = ({ plugin }: ReturnType<typeof hostileBench>, url: string, over = {}) =>
  new HostedPlugin(plugin.spec, new HttpTransport({ ...httpDefaults, url, ...over }));

const act = (plugin: HostedPlugin, id: string) =>
  plugin.run(
    { kind: "action", id, input: { text: "hello" }, connection: {} },
    { signal: new AbortController().signal },
  );

describe.skipIf(noPython !== undefined)(`a plugin in Python behind our server ${noPython ?? ""}`, () => {
  it("answers through it as through its pipes, failures in its own words", async () => {
    const hosted = bench({ timeoutSeconds: 30 });
    const server = await openIconServer(hosted.plugin, "", 0, hosted.stop.signal);
    closing.push(server.close);
    const far = client(hosted, server.url);
    expect(await act(far, "answer")).toMatchObject({ output: { text: "hello" } });
    await expect(act(far, "refuse")).rejects.toMatchObject({ detail: { preset: "API_KEY" } });
    await expect(act(far, "crash")).rejects.toMatchObject({ message: expect.stringContaining("SIGSEGV") });
    await expect(act(far, "lie")).rejects.toMatchObject({ code: "plugin.failed" });
    const task = { kind: "task" as const, id: "pages", input: {}, connection: {}, state: { page: 1 } };
    expect(await far.run(task, { signal: hosted.stop.signal })).toMatchObject({
      output: [{ id: 2 }, { id: 3 }],
      state: { page: 2 },
      hasMorePages: true,
    });
  });
});

describe("a server that misbehaves", () => {
  const answers: Readonly<Record<string, RequestListener>> = {
    silent: () => {},
    garbage: (_, reply) => void reply.end("<html>"),
    flood: (_, reply) => {
      const more = (): void => {
        while (reply.write("x".repeat(65_536)));
      };
      reply.on("drain", more);
      more();
    },
    redirect: (_, reply) => void reply.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
    cut: (_, reply) => {
      reply.writeHead(200, { "content-length": 1_000 }).write("{");
      setTimeout(() => reply.destroy(), 20);
    },
    no_status: (_, reply) => void reply.end('{"type": "action_event", "body": {}}'),
  };

  it.each([
    ["silent", "plugin.timed_out"],
    ["garbage", "plugin.bad_output"],
    ["flood", "plugin.bad_output"],
    ["redirect", "plugin.failed"],
    ["cut", "plugin.failed"],
    ["no_status", "plugin.bad_output"],
  ])("%s: %s", async (how, code) => {
    const server = createServer(answers[how]);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const far = client(bench(), url, { timeoutMs: how === "silent" ? 1_000 : 30_000, maxBytes: 1_000_000 });
    await expect(act(far, "answer")).rejects.toMatchObject({ code });
  });

  it("away: it may come back", async () => {
    const far = client(bench(), "http://127.0.0.1:1");
    await expect(act(far, "answer")).rejects.toMatchObject({
      code: "plugin.failed",
      verdict: { verdict: "retry" },
    });
  });
});
