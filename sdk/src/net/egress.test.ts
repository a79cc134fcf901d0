import type { LookupAddress } from "node:dns";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closedBecause } from "./addresses.ts";
import { createEgress, egressSettings, type Resolver } from "./index.ts";

const egress = (allow: string[] = [], resolver?: Resolver) =>
  createEgress(egressSettings.parse({ allow }), resolver);
/** Answers one list of addresses after the other; the last one for ever. */
const resolving = (...answers: string[][]): Resolver & { asked: number } => {
  const resolver = (_: string, __: object, done: (error: null, addresses: LookupAddress[]) => void): void => {
    const now = answers[Math.min(resolver.asked++, answers.length - 1)]!;
    done(
      null,
      now.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    );
  };
  resolver.asked = 0;
  return resolver;
};
const refused = expect.objectContaining({ code: "egress.refused" });

describe("an address", () => {
  it.each([
    ...[
      "127.0.0.1",
      "127.255.0.9",
      "0.0.0.0",
      "::1",
      "::",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "::127.0.0.1",
    ],
    ...["64:ff9b::7f00:1", "64:ff9b:1::127.0.0.1", "2002:7f00:1::", "::ffff:0:127.0.0.1", "0:0:0:0:0:0:0:1"],
    ...["169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "100.100.100.200", "168.63.129.16"],
    ...[
      "fd00:ec2::254",
      "::ffff:169.254.169.254",
      "2002:a9fe:a9fe::1",
      "224.0.0.1",
      "255.255.255.255",
      "ff02::1",
    ],
  ])("that no plugin should reach is closed: %s", (address) => {
    expect(closedBecause(address)).toBeTypeOf("string");
    expect(egress().refusal(address)).toContain("collector.egress.allow");
    expect(egress().refusal(`[${address}]`)).toBeTypeOf("string");
  });

  it.each(["10.0.0.1", "192.168.1.1", "8.8.8.8", "128.0.0.1", "2001:db8::1", "fd12::1", "::ffff:10.0.0.1"])(
    "of others is open: %s",
    (address) => expect(egress().refusal(address)).toBeUndefined(),
  );

  it("opens by address, range and name, and nothing beside it", () => {
    expect(egress(["127.0.0.1"]).refusal("127.0.0.1")).toBeUndefined();
    expect(egress(["127.0.0.1"]).refusal("::ffff:127.0.0.1")).toBeUndefined();
    expect(egress(["127.0.0.1"]).refusal("127.0.0.2")).toBeDefined();
    expect(egress(["127.0.0.0/8"]).refusal("127.0.0.2")).toBeUndefined();
    expect(egress(["::1"]).refusal("::1")).toBeUndefined();
    expect(egress(["10.0.0.0/8"]).refusal("127.0.0.1")).toBeDefined();
  });

  it.each(["10.0.0.0/40", "1.2.3", "::/x", "10.0.0.0/", "12345::1"])(
    "that cannot be read is refused by the configuration: %s",
    (entry) => expect(() => egress([entry])).toThrow(expect.objectContaining({ code: "config.invalid" })),
  );
});

describe("a request", () => {
  const servers: Server[] = [];
  const seen: string[] = [];
  let port = 0;
  let other = 0;
  const listen = async (host: string, answer: RequestListener): Promise<number> => {
    const server = createServer((request, response) => {
      seen.push(`${host} ${request.method} ${request.url}`);
      answer(request, response);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  };
  beforeAll(async () => {
    other = await listen("127.0.0.2", (_, response) => response.end("inner"));
    port = await listen("127.0.0.1", (request, response) => {
      const to = new URL(request.url!, "http://x").searchParams.get("to");
      if (to !== null) return response.writeHead(302, { location: to }).end();
      if (request.url === "/large") return response.end("x".repeat(100_000));
      if (request.url === "/silent") return undefined;
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { authorization = "", "content-type": type = "" } = request.headers;
        response.setHeader("x-seen", "yes");
        response.end(JSON.stringify({ authorization, type, body: Buffer.concat(parts).toString() }));
      });
      return undefined;
    });
  });
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  const nothingSeen = async (work: () => Promise<unknown>, expected: unknown = refused): Promise<void> => {
    seen.length = 0;
    await expect(work()).rejects.toEqual(expected);
    expect(seen).toEqual([]);
  };

  it("to this machine connects to nothing, however it is written", async () => {
    for (const host of [
      "127.0.0.1",
      "localhost",
      "2130706433",
      "0x7f.1",
      "0177.0.0.1",
      "[::ffff:127.0.0.1]",
      "0",
    ])
      await nothingSeen(() => egress().fetch(`http://${host}:${port}/`));
    for (const host of ["127.0.0.1", "localhost"]) await nothingSeen(() => egress().connect({ host, port }));
  });

  it("goes where the configuration allows it", async () => {
    const answer = await egress(["127.0.0.1"]).fetch(`http://127.0.0.1:${port}/a`, {
      method: "POST",
      headers: { authorization: "Bearer x" },
      body: new URLSearchParams({ a: "ü" }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-seen")).toBe("yes");
    expect(await answer.json()).toEqual({
      ...{ authorization: "Bearer x", type: "application/x-www-form-urlencoded", body: "a=%C3%BC" },
    });
    const byName = egress(["Inner.Example."], resolving(["127.0.0.1"]));
    expect((await byName.fetch(`http://inner.example:${port}/`)).status).toBe(200);
    (await egress(["127.0.0.1"]).connect({ host: "127.0.0.1", port })).destroy();
  });

  it("is checked with the address it goes to: a name that changes it gains nothing", async () => {
    const rebinding = resolving(["203.0.113.1"], ["127.0.0.1"]);
    const out = egress([], rebinding);
    // Somebody looked the name up and found it good; by the time of the request it points here.
    await new Promise<void>((resolve) => out.lookup("evil.example", { all: true }, () => resolve()));
    expect(rebinding.asked).toBe(1);
    await nothingSeen(() => out.fetch(`http://evil.example:${port}/`));
    expect(rebinding.asked).toBe(2);
    await nothingSeen(() => out.connect({ host: "evil.example", port }));
  });

  it("never falls back to a closed address of a name that has an open one too", async () => {
    const out = egress([], resolving(["127.0.0.1", "203.0.113.1", "::1"]));
    const addresses = await new Promise((resolve) => {
      out.lookup("both.example", { all: true }, (_, found) => resolve(found));
    });
    expect(addresses).toEqual([{ address: "203.0.113.1", family: 4 }]);
    const six = await new Promise((resolve) => {
      out.lookup("both.example", { family: 6 }, (error) => resolve(error));
    });
    expect(six).toEqual(refused);
  });

  it("is not led inside by a redirect, and carries no credential elsewhere", async () => {
    const inner = encodeURIComponent(`http://127.0.0.2:${other}/x`);
    const from = `http://127.0.0.1:${port}/?to=${inner}`;
    await expect(egress(["127.0.0.1"]).fetch(from)).rejects.toEqual(refused);
    expect(seen.filter((line) => line.startsWith("127.0.0.2"))).toEqual([]);
    expect(await (await egress(["127.0.0.0/8"]).fetch(from)).text()).toBe("inner");
    const renamed = encodeURIComponent(`http://localhost:${port}/`);
    const away = await egress(["127.0.0.1", "localhost", "::1"]).fetch(
      `http://127.0.0.1:${port}/?to=${renamed}`,
      { method: "POST", body: "x", headers: { authorization: "Bearer x", "content-type": "text/plain" } },
    );
    expect(await away.json()).toEqual({ authorization: "", type: "", body: "" });
    const endless = `http://127.0.0.1:${port}/?to=${encodeURIComponent("?to=?to=x")}`;
    expect((await egress(["127.0.0.1"]).fetch(endless, { redirects: 0 })).status).toBe(302);
    for (const to of ["file:///etc/passwd", "http://u:p@127.0.0.1/"])
      await expect(
        egress(["127.0.0.1"]).fetch(`http://127.0.0.1:${port}/?to=${encodeURIComponent(to)}`),
      ).rejects.toMatchObject({ code: "egress.failed" });
  });

  it("has bounds", async () => {
    const out = egress(["127.0.0.1"]);
    const large = await out.fetch(`http://127.0.0.1:${port}/large`, { maxBytes: 99_999 });
    await expect(large.text()).rejects.toThrow();
    await expect(out.fetch(`http://127.0.0.1:${port}/silent`, { idleMs: 50 })).rejects.toMatchObject({
      code: "egress.failed",
      message: `The request to http://127.0.0.1:${port} failed: it was silent for too long.`,
    });
    const controller = new AbortController();
    const waiting = out.fetch(`http://127.0.0.1:${port}/silent`, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });
});
