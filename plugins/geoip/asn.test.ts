import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVedetteError } from "@vedette/sdk";
import { type recordingLogger, testDeps } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { buildAsnTable } from "./asn-csv.ts";
import { openAsnTable } from "./asn-source.ts";
import { AsnTable } from "./asn-table.ts";

const signal = new AbortController().signal;
const build = (v4: string, v6 = "") => buildAsnTable(Buffer.from(v4), Buffer.from(v6), signal);
const ask = (table: AsnTable, text: string) => table.lookup(parseAddress(text)!);

const V4 = [
  '16777216,16777471,13335,"Cloudflare, Inc."',
  "16778240,16779263,38803,Gtelecom Pty Ltd",
  '134744064,134744319,15169,"Google ""LLC"""',
  "4294967040,4294967295,64512,Ende",
].join("\n");
const V6 =
  "2001:200::,2001:200:1b9:ffff:ffff:ffff:ffff:ffff,2500,WIDE Project\r\n2001:4860::,2001:4860:ffff:ffff:ffff:ffff:ffff:ffff,15169,x\r\n";

describe("AsnTable", () => {
  it.each([
    ["1.0.0.0", { asn: 13335, organisation: "Cloudflare, Inc." }],
    ["1.0.0.255", { asn: 13335, organisation: "Cloudflare, Inc." }],
    ["1.0.1.0", undefined],
    ["0.255.255.255", undefined],
    ["1.0.7.255", { asn: 38803, organisation: "Gtelecom Pty Ltd" }],
    ["8.8.8.8", { asn: 15169, organisation: 'Google "LLC"' }],
    ["255.255.255.255", { asn: 64512, organisation: "Ende" }],
    ["2001:200::", { asn: 2500, organisation: "WIDE Project" }],
    ["2001:200:1b9:ffff:ffff:ffff:ffff:ffff", { asn: 2500, organisation: "WIDE Project" }],
    ["2001:200:1ba::", undefined],
    ["2001:1ff:ffff::", undefined],
    ["2001:4860:4860::8888", { asn: 15169, organisation: 'Google "LLC"' }],
  ])("places %s, also after a round trip", async (address, expected) => {
    const { table, skipped } = await build(V4, V6);
    expect(skipped).toBe(0);
    expect(ask(table, address)).toEqual(expected);
    expect(ask(AsnTable.decode(table.encode("e1"), "e1")!, address)).toEqual(expected);
  });

  it("agrees with a plain search on every edge of random ranges", async () => {
    let seed = 7;
    const next = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed % below;
    };
    const ranges: [number, number, number][] = [];
    for (let at = next(1000); ranges.length < 500; ) {
      const end = at + next(5000);
      ranges.push([at, end, ranges.length + 1]);
      at = end + 1 + next(3);
    }
    const { table } = await build(ranges.map((range) => `${range.join(",")},name`).join("\n"));
    const words = (value: number) => ({ version: 4, words: [0, 0, 0, value] }) as const;
    for (const [start, end] of ranges) {
      for (const value of [start - 1, start, end, end + 1].filter((each) => each >= 0)) {
        const expected = ranges.find((range) => range[0] <= value && value <= range[1])?.[2];
        expect(table.lookup(words(value))?.asn).toBe(expected);
      }
    }
  });

  it("skips and counts lines that are malformed or out of order", async () => {
    const { table, skipped } = await build(
      "junk\n1,2\n5,9,1,a\n7,8,2,inside\n20,10,3,backwards\nx,30,4,b\n30,40,99999999999,c\n\n50,60,5,d",
      "zz::,::2,1,a\n",
    );
    expect([table.rows, skipped]).toEqual([2, 7]);
  });

  it("refuses a cached file that is damaged, of another edition or cut", async () => {
    const { table } = await build(V4, V6);
    const file = table.encode("e1");
    expect(AsnTable.decode(file, "e2")).toBeUndefined();
    expect(AsnTable.decode(Buffer.alloc(0), "e1")).toBeUndefined();
    for (let at = 0; at < file.length; at++) {
      const flipped = Buffer.from(file);
      flipped[at] = (flipped[at] as number) ^ 0x40;
      expect(AsnTable.decode(flipped, "e1")).toBeUndefined();
      expect(AsnTable.decode(file.subarray(0, at), "e1")).toBeUndefined();
    }
  });
});

describe("openAsnTable", () => {
  const prepare = async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "vedette-asn-"));
    const source = { v4: join(stateDir, "v4.csv"), v6: join(stateDir, "v6.csv"), edition: "1" };
    await writeFile(source.v4, V4);
    await writeFile(source.v6, V6);
    return { stateDir, source, cache: join(stateDir, "asn-table.bin") };
  };
  const linesOf = (deps: ReturnType<typeof testDeps>) =>
    (deps.log as ReturnType<typeof recordingLogger>).lines.length;

  it("builds once, then reads the cache, and rebuilds what is damaged or stale", async () => {
    const { stateDir, source, cache } = await prepare();
    const open = async (edition = "1") => {
      const deps = testDeps();
      const table = await openAsnTable({ ...source, edition }, deps, stateDir);
      expect(ask(table, "8.8.8.8")?.asn).toBe(15169);
      return linesOf(deps) > 0 ? "built" : "cached";
    };
    expect(await open()).toBe("built");
    expect((await stat(cache)).mode & 0o777).toBe(0o600);
    expect(await open()).toBe("cached");
    await writeFile(cache, (await readFile(cache)).subarray(0, 100));
    expect(await open()).toBe("built");
    expect(await open("2")).toBe("built");
    expect(await open("2")).toBe("cached");
  });

  it("works without a state directory, or with one it cannot write", async () => {
    const { source } = await prepare();
    expect((await openAsnTable(source, testDeps())).rows).toBe(6);
    const deps = testDeps();
    expect((await openAsnTable(source, deps, join(source.v4, "sub"))).rows).toBe(6);
    expect((deps.log as ReturnType<typeof recordingLogger>).lines.map((line) => line.level)).toContain(
      "warn",
    );
  });

  it("says geo.unreadable when the source is missing", async () => {
    const { source } = await prepare();
    const error: unknown = await openAsnTable({ ...source, v6: `${source.v6}.gone` }, testDeps()).catch(
      (e: unknown) => e,
    );
    expect(isVedetteError(error) && error.code).toBe("geo.unreadable");
  });

  it("stops building when it is told to", async () => {
    const { source } = await prepare();
    await writeFile(source.v4, `${"x\n".repeat(30_000)}`);
    await expect(openAsnTable(source, testDeps(AbortSignal.abort(new Error("stop"))))).rejects.toThrow(
      "stop",
    );
  });
});
