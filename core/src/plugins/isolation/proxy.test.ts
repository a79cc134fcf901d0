import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcp, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowedHosts, hostEntry } from "./hosts.ts";
import { hostProxy } from "./proxy.ts";

describe("hosts that a program may reach", () => {
  it("are names, domains, addresses and ranges with a port, and nothing else", () => {
    for (const good of [
      "a.example",
      "*.example.com:8443",
      "10.0.0.0/8:8089",
      "127.0.0.1:80",
      "[2001:db8::1]:443",
    ])
      expect(hostEntry(good), good).toBeDefined();
    const bad = [
      ...["", "*", "*.*.example", "a.example:0", "a.example:65536", "10.0.0.0/33", "http://a.example", "a b"],
      ...[
        "2001:db8::1",
        "[a.example]",
        "a.example/8",
        "1.2.3",
        "a.example:443:1",
        "exa*mple.com",
        "user@a.example",
      ],
    ];
    for (const each of bad) expect(hostEntry(each), each).toBeUndefined();
  });

  it.each([
    ["api.example.com", 443, true],
    ["API.example.com.", 443, true],
    ["api.example.com", 80, false],
    ["x.api.example.com", 443, false],
    ["a.b.example.org", 8443, true],
    ["example.org", 8443, false],
    ["notexample.org", 8443, false],
    ["10.1.2.3", 8089, true],
    ["10.1.2.3", 443, false],
    ["11.1.2.3", 8089, false],
    ["2001:db8::1", 443, true],
    ["2001:db8::2", 443, false],
    ["::ffff:10.1.2.3", 443, false],
  ])("%s at port %i: %s", (host, port, allowed) => {
    const hosts = allowedHosts([
      ...["api.example.com", "*.example.org:8443", "10.0.0.0/8:8089", "[2001:db8::1]:443"],
    ]);
    expect(hosts.allows(host, port)).toBe(allowed);
  });
});

describe("the proxy of a program's network", () => {
  const web = createServer((asked, response) => {
    response.setHeader("connection", "x-hop");
    response.setHeader("x-hop", "1");
    const said = `${asked.method} ${asked.url} ${asked.headers["proxy-authorization"]}`;
    void text(asked).then((body) => response.end(`${said} ${body}`));
  });
  const echo = createTcp((socket) => socket.pipe(socket));
  const counts = { reached: 0, refused: [] as string[], failed: [] as string[] };
  let proxy: ReturnType<typeof hostProxy>;
  let [webAt, echoAt, closedAt, at] = [0, 0, 0, 0];
  const listening = async (server: Server): Promise<number> => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    return (server.address() as AddressInfo).port;
  };
  beforeAll(async () => {
    [webAt, echoAt] = [await listening(web), await listening(echo)];
    const gone = createTcp();
    closedAt = await listening(gone);
    gone.close();
    const hosts = [webAt, echoAt, closedAt].map((port) => `127.0.0.1:${port}`);
    proxy = hostProxy(allowedHosts([...hosts, `localhost:${webAt + 1}`]), {
      reached: () => void counts.reached++,
      refused: (target) => void counts.refused.push(target),
      failed: (target) => void counts.failed.push(target),
    });
    at = await listening(proxy);
  });
  afterAll(() => {
    for (const each of [web, proxy]) each.closeAllConnections();
    for (const each of [web, echo, proxy]) each.close();
  });

  const plain = async (url: string, headers = {}, body = "") => {
    const asked = request({ host: "127.0.0.1", port: at, path: url, method: "POST", headers, agent: false });
    asked.end(body);
    const [response] = await once(asked, "response");
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  const tunnel = async (target: string, say = "") => {
    const socket = connect(at, "127.0.0.1");
    socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
    let said = "";
    for await (const chunk of socket) {
      said += String(chunk);
      if (say !== "" && said.endsWith("\r\n\r\n")) socket.write(say);
      if (said.endsWith("over")) break;
    }
    socket.destroy();
    return said;
  };

  it("passes requests on to hosts that are named, without what is for the proxy alone", async () => {
    const answer = await plain(`http://127.0.0.1:${webAt}/a?b=c`, { "proxy-authorization": "x" }, "body");
    expect(answer).toMatchObject({ status: 200, body: "POST /a?b=c undefined body" });
    expect(answer.headers).not.toHaveProperty("x-hop");
  });

  it("carries bytes both ways to hosts that are named", async () => {
    expect(await tunnel(`127.0.0.1:${echoAt}`, "there and over")).toMatch(
      /^HTTP\/1.1 200 .*there and over$/s,
    );
  });

  it("refuses every other host and port, and what a name hides", async () => {
    expect((await plain(`http://127.0.0.1:${webAt + 1}/`)).status).toBe(403);
    expect(await tunnel(`127.0.0.2:${echoAt}`)).toMatch(/^HTTP\/1.1 403 .*isolation\.rules/s);
    expect(counts.refused).toEqual([`127.0.0.1:${webAt + 1}`, `127.0.0.2:${echoAt}`]);
    // The name is allowed; this machine, to which it leads, is not.
    expect((await plain(`http://localhost:${webAt + 1}/`)).body).toContain("this machine");
    expect(await tunnel(`localhost:${webAt + 1}`)).toMatch(/^HTTP\/1.1 502 .*this machine/s);
  });

  it("answers nonsense and hosts that are away", async () => {
    expect((await plain("/no-address")).status).toBe(400);
    expect((await plain("https://127.0.0.1/")).status).toBe(400);
    for (const bad of ["x", "user@127.0.0.1:1", "127.0.0.1", "127.0.0.1:1/../"])
      expect(await tunnel(bad), bad).toMatch(/^HTTP\/1.1 4/);
    expect(await tunnel(`127.0.0.1:${closedAt}`)).toMatch(/^HTTP\/1.1 502/);
    expect(counts.failed).toContain(`127.0.0.1:${closedAt}`);
  });
});
