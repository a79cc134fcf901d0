import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BodySpool } from "./spool.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vedette-spool-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const limits = { maxBodyBytes: 10, maxSpoolBytes: 15 };
async function* body(...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}

it("lends a body as a private file and removes it, also after a failure", async () => {
  const spool = new BodySpool([join(root, "a")], limits);
  const seen = await spool.lend(body("ab", "cd"), async (path, bytes) => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    return { text: readFileSync(path, "utf8"), bytes };
  });
  expect(seen).toEqual({ text: "abcd", bytes: 4 });
  await expect(spool.lend(body("x"), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(readdirSync(spool.directory)).toEqual([]);
});

it("bounds one body and all bodies", async () => {
  const spool = new BodySpool([root], limits);
  await expect(spool.lend(body("12345678901"), async () => {})).rejects.toMatchObject({
    code: 307,
    status: 413,
  });
  await spool.lend(body("1234567890"), async () => {
    await expect(spool.lend(body("123456"), async () => {})).rejects.toMatchObject({
      code: 202,
      status: 503,
    });
  });
  await expect(spool.lend(body("1234567890"), async () => "room again")).resolves.toBe("room again");
});

it("removes what a killed process left", () => {
  writeFileSync(join(root, "left"), "x");
  chmodSync(root, 0o700);
  new BodySpool([root], limits);
  expect(readdirSync(root)).toEqual([]);
});

it("makes its directory again when a cleaner took it", async () => {
  const spool = new BodySpool([join(root, "gone")], limits);
  rmSync(spool.directory, { recursive: true });
  await expect(spool.lend(body("x"), async (path) => readFileSync(path, "utf8"))).resolves.toBe("x");
  spool.close();
  expect(readdirSync(root)).toEqual([]);
});

it("passes over directories that are not safe", () => {
  const open = join(root, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  const link = join(root, "link");
  symlinkSync(open, link);
  const glob = join(root, "a*");
  expect(new BodySpool([open, link, glob, join(root, "good")], limits).directory).toBe(join(root, "good"));
  expect(() => new BodySpool([open], limits)).toThrow("No directory");
});
