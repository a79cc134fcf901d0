import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { expect, it } from "vitest";
import { pinnedChdb } from "./native.ts";

it("has exactly the chDB that was tested, in the lock of the workspace too", () => {
  const installed = createRequire(import.meta.url)("chdb/package.json") as { version: string };
  expect(installed.version).toBe(pinnedChdb);
  const workspace = readFileSync(new URL("../../../../pnpm-workspace.yaml", import.meta.url), "utf8");
  expect(/^ {2}chdb: (.+)$/m.exec(workspace)?.[1]).toBe(pinnedChdb);
});

it("is tested in processes: chDB aborts when a worker thread with a query is ended", () => {
  expect(isMainThread).toBe(true);
});
