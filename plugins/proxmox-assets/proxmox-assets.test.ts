import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Asset, asset } from "@vedette/sdk";
import { TestAuthority } from "@vedette/sdk/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pluginContext } from "../_assets/testing/context.ts";
import { Loopback } from "../_channel/testing/loopback.ts";
import { appsOf } from "./apps.ts";
import { proxmoxAssets } from "./index.ts";
import type { Settings } from "./settings.ts";

const notes = `# Cloud
<!-- opensecdash
apps:
  - name: Nextcloud   # the one
    version: "30.0.1"
    update_check: github/nextcloud/server
    url: https://cloud.example.net
    host_url: https://cloud.example.net:8443
  - name: 'Redis'
    version: 7.4
  - version: nameless
-->
`;

/** Answers in the shapes of Proxmox VE 8. */
const pve: Record<string, unknown> = {
  "/version": { version: "8.2.4", release: "8.2", repoid: "faa83925c9641325" },
  "/nodes": [
    { node: "pve1", status: "online", type: "node", id: "node/pve1", maxcpu: 8 },
    { node: "pve2", status: "online", type: "node", id: "node/pve2" },
  ],
  "/cluster/resources?type=vm": [
    { id: "qemu/100", vmid: 100, name: "win", node: "pve1", type: "qemu", status: "running", template: 0 },
    { id: "lxc/104", vmid: 104, name: "cloud", node: "pve2", type: "lxc", status: "running", template: 0 },
    { id: "qemu/900", vmid: 900, name: "base", node: "pve1", type: "qemu", status: "stopped", template: 1 },
    { id: "storage/pve1/local", storage: "local", node: "pve1", type: "storage" },
    { id: "qemu/x", vmid: "x", name: "../../x", node: "../x", type: "qemu" },
  ],
  "/nodes/pve1/qemu": [
    { vmid: 100, name: "win", status: "running" },
    { vmid: 900, name: "base", status: "stopped", template: 1 },
  ],
  "/nodes/pve1/lxc": [],
  "/nodes/pve2/qemu": [],
  "/nodes/pve2/lxc": [{ vmid: "104", name: "cloud", status: "running", type: "lxc" }],
  "/nodes/pve1/qemu/100/config": {
    name: "win",
    ipconfig0: "ip=192.0.2.100/24,gw=192.0.2.1,ip6=2001:db8::100/64",
  },
  "/nodes/pve2/lxc/104/config": {
    ...{ hostname: "cloud.lan", description: notes },
    net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:00,ip=192.0.2.104/24,type=veth",
    net1: "name=eth1,bridge=vmbr1,ip=dhcp,type=veth",
  },
};

describe("Proxmox", () => {
  const server = new Loopback();
  let base = "";
  const over: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {};
  beforeAll(async () => {
    base = await server.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    for (const key of Object.keys(over)) delete over[key];
    server.seen.length = 0;
    server.answer = (request, response) => {
      const path = request.url!.replace("/api2/json", "");
      if (over[path]) return over[path](request, response);
      if (request.headers.authorization !== "PVEAPIToken=vedette@pve!assets=s3cret")
        return void response.writeHead(401).end();
      if (!(path in pve)) return void response.writeHead(500).end('{"data":null}');
      return void response.end(JSON.stringify({ data: pve[path] }));
    };
  });
  const given = (more: object = {}, assets: Asset[] = []) =>
    pluginContext<Settings>(
      proxmoxAssets,
      { enabled: true, apiUrl: base, tokenId: "vedette@pve!assets", tokenSecret: "s3cret", ...more },
      { assets },
    );
  const report = async (more: object = {}, assets: Asset[] = []) => {
    const found = [
      ...((await proxmoxAssets.assets!.assets(given(more, assets).context)) as Iterable<object>),
    ];
    return found.map((each) => asset.parse(each)).sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const no =
    (status: number, body = "") =>
    (_: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(status).end(body);

  const whole = [
    {
      ...{ id: "127.0.0.1:guest:100", name: "win", kind: "vm", hostnames: ["win"] },
      ...{ ips: ["192.0.2.100", "2001:db8::100"], labels: { vmid: "100", node: "pve1", status: "running" } },
    },
    {
      ...{ id: "127.0.0.1:guest:104", name: "cloud", kind: "container", hostnames: ["cloud", "cloud.lan"] },
      ips: ["192.0.2.104"],
      apps: [
        {
          ...{ name: "Nextcloud", version: "30.0.1", releaseUrl: "https://github.com/nextcloud/server" },
          ...{ appUrl: "https://cloud.example.net", hostUrl: "https://cloud.example.net:8443" },
        },
        { name: "Redis", version: "7.4" },
      ],
    },
    { id: "127.0.0.1:node:pve1", kind: "node" },
    { id: "127.0.0.1:node:pve2", kind: "node" },
  ];

  it("tells of nodes and guests, with their addresses and the programs of their notes", async () => {
    expect(await report()).toMatchObject(whole);
    expect(await proxmoxAssets.health!(given().context)).toMatchObject({
      status: "healthy",
      message: expect.stringContaining("8.2.4"),
    });
    expect(await report({ apiUrl: `${base}/api2/json/` })).toHaveLength(4);
  });

  it("tells the same node by node, where the cluster may not be asked", async () => {
    over["/cluster/resources?type=vm"] = no(403);
    expect(await report()).toMatchObject(whole);
  });

  it("reads page after page where there are several, and ends where a server only counts", async () => {
    const guests = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => ({
        ...{ id: `lxc/${from + at}`, vmid: from + at, name: `n${from + at}`, node: "pve1", type: "lxc" },
      }));
    const page = (data: object[], total: number) => (_: IncomingMessage, response: ServerResponse) =>
      void response.end(JSON.stringify({ data, total }));
    over["/cluster/resources?type=vm"] = page(guests(1, 4), 5);
    over["/cluster/resources?type=vm&start=3&limit=500"] = page(guests(4, 6), 5);
    expect((await report()).filter(({ kind }) => kind === "container")).toHaveLength(5);
    over["/cluster/resources?type=vm&start=3&limit=500"] = page(guests(1, 4), 5);
    expect((await report()).filter(({ kind }) => kind === "container")).toHaveLength(3);
  });

  it("keeps what it knew of a guest whose configuration cannot be read", async () => {
    over["/nodes/pve2/lxc/104/config"] = no(500);
    const before = asset.parse({ id: "127.0.0.1:guest:104", name: "cloud", apps: [{ name: "Nextcloud" }] });
    const found = await report({}, [before]);
    expect(found.find(({ name }) => name === "cloud")?.apps).toEqual([{ name: "Nextcloud" }]);
  });

  it.each<[string, string, number, string, RegExp]>([
    ["a node that is away", "/nodes/pve2/lxc", 595, "", /answered 595: it is overloaded or broken/],
    ["a page", "/nodes", 200, "<html>", /page or XML/],
    ["what is no answer of Proxmox", "/nodes", 200, "[]", /has no data/],
    ["no list", "/nodes", 200, '{"data":{}}', /no list/],
    ["a wrong token", "/nodes", 401, "", /does not let the token/],
    ["a redirect", "/nodes", 302, "", /redirects/],
  ])("gives no report rather than half of one: %s", async (_, path, status, body, why) => {
    over["/cluster/resources?type=vm"] = no(403);
    over[path] = no(status, body);
    const failure = await report().catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringMatching(why) });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("s3cret");
  });

  it("is asked nothing while address or token are missing, and sends no token in the clear", async () => {
    expect(await proxmoxAssets.assets!.assets(given({ apiUrl: "" }).context)).toBeUndefined();
    await expect(report({ apiUrl: "http://192.0.2.1:8006" })).rejects.toThrow("readable");
    expect(server.seen).toEqual([]);
    expect(proxmoxAssets.settings.safeParse({ tokenId: "no token" }).success).toBe(false);
  });

  it("is believed by its certificate, by that of an authority of one's own, or unchecked where that is said", async () => {
    const dir = mkdtempSync(join(tmpdir(), "pve-"));
    const { certFile, keyFile } = new TestAuthority(dir).issue("pve");
    const secure = new Loopback({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    const apiUrl = await secure.start();
    secure.answer = server.answer;
    try {
      await expect(report({ apiUrl })).rejects.toThrow(/certificate/i);
      expect(secure.seen).toEqual([]);
      const authorityFile = join(dir, "ca.pem");
      expect(await report({ apiUrl, tls: "authority", authorityFile })).toHaveLength(4);
      expect(await report({ apiUrl, tls: "dangerouslyUnverified" })).toHaveLength(4);
      await expect(report({ apiUrl, tls: "authority" })).rejects.toThrow("cannot be read");
    } finally {
      await secure.stop();
      rmSync(dir, { recursive: true });
    }
  });
});

describe("notes", () => {
  it.each<[string, string, unknown[]]>([
    ["none", "", []],
    ["no block", "apps:\n - name: x", []],
    ["an empty block", "<!-- opensecdash -->", []],
    ["an open block", "<!-- opensecdash\napps:\n- name: x", []],
    ["our own word, Windows' line ends", "<!--vedette\r\napps:\r\n- name: x\r\n-->", [{ name: "x" }]],
    ["keys before any program", "<!-- vedette\napps:\n  version: 1\n  - name: x\n-->", [{ name: "x" }]],
    [
      "another check",
      "<!-- vedette\napps:\n- name: x\n  update_check: docker/library/redis:7\n-->",
      [{ name: "x", releaseUrl: "docker/library/redis:7" }],
    ],
  ])("with %s", (_, text, apps) => expect(appsOf(text)).toEqual(apps));
});
