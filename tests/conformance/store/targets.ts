import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "../../../collector/src/engine/index.ts";
import type { StoreTarget } from "../../../collector/src/store/index.ts";

/** A ClickHouse that the suite runs on. */
export interface Target {
  readonly name: string;
  /** Undefined where this machine has none: its tests are skipped, and seen to be. */
  readonly open: (() => Promise<{ readonly target: StoreTarget; close(): Promise<void> }>) | undefined;
}

const serverUrl = process.env.VEDETTE_TEST_CLICKHOUSE_URL;
const cluster = process.env.VEDETTE_TEST_CLICKHOUSE_CLUSTER;

/**
 * The engine process always, and a real server where `VEDETTE_TEST_CLICKHOUSE_URL` (http://user:key@host:port) names
 * one; as a node of the cluster `VEDETTE_TEST_CLICKHOUSE_CLUSTER` where that is set.
 */
export const targets: readonly Target[] = [
  {
    name: "engine process",
    open: async () => {
      const stateDir = mkdtempSync(join(tmpdir(), "vedette-store-"));
      const engine = await startEngine({ stateDir });
      return {
        target: engine,
        close: async () => {
          await engine.stop();
          rmSync(stateDir, { recursive: true, force: true });
        },
      };
    },
  },
  {
    name: "ClickHouse server (VEDETTE_TEST_CLICKHOUSE_URL)",
    open: serverUrl ? () => server(serverUrl) : undefined,
  },
];

async function server(address: string) {
  const url = new URL(address);
  const user = decodeURIComponent(url.username) || "default";
  const password = decodeURIComponent(url.password);
  const database = `vedette_test_${randomBytes(6).toString("hex")}`;
  url.username = "";
  url.password = "";
  const target = { url: url.origin, user, password, database, cluster };
  return {
    target,
    close: async () => {
      await fetch(url.origin, {
        method: "POST",
        body: `DROP DATABASE IF EXISTS ${database}${cluster ? ` ON CLUSTER \`${cluster}\` SYNC` : ""}`,
        headers: { "X-ClickHouse-User": user, "X-ClickHouse-Key": password },
      });
    },
  };
}
