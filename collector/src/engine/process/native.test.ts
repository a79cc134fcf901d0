import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { expect, it } from "vitest";
import { loadNative, NoEngineError, pinnedChdb } from "./native.ts";

it("has exactly the chDB that was tested, in the lock of the workspace too", () => {
  const installed = createRequire(import.meta.url)("chdb/package.json") as { version: string };
  expect(installed.version).toBe(pinnedChdb);
  const workspace = readFileSync(new URL("../../../../pnpm-workspace.yaml", import.meta.url), "utf8");
  expect(/^ {2}chdb: (.+)$/m.exec(workspace)?.[1]).toBe(pinnedChdb);
});

it("is refused for good in another version, and where there is none for the machine", () => {
  const root = mkdtempSync(join(tmpdir(), "vedette-chdb-"));
  const packed = join(root, "package.json");
  writeFileSync(packed, '{"version":"9.9.9"}');
  expect(() => loadNative(root)).toThrow(NoEngineError);
  expect(() => loadNative(root)).toThrow(`needs chdb ${pinnedChdb}, but 9.9.9`);
  writeFileSync(packed, `{"version":"${pinnedChdb}"}`);
  expect(() => loadNative(root)).toThrow("Use a ClickHouse server");
  rmSync(root, { recursive: true });
});

it("is tested in processes: chDB aborts when a worker thread with a query is ended", () => {
  expect(isMainThread).toBe(true);
});
