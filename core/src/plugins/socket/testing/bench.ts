import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { onTestFinished } from "vitest";
import { collectorSocketPlugins } from "../config.ts";
import { SocketHost } from "../host.ts";

type Given = Parameters<typeof collectorSocketPlugins.parse>[0] & object;

/** A host in a folder of its own, with both ended after the test. */
export async function testHost(config: Given = {}) {
  const dir = mkdtempSync(join(tmpdir(), "vs-"));
  const log = recordingLogger();
  const { signal } = new AbortController();
  const host = await SocketHost.open(
    collectorSocketPlugins.parse({ workDir: "w", ...config }),
    { stateDir: dir, baseDir: dir },
    { log, clock: systemClock, signal },
  );
  onTestFinished(async () => {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const workDir = join(dir, "w");
  const served = async (serving: Promise<{ stop(): Promise<void> }>): Promise<void> => {
    const plugin = await serving;
    onTestFinished(() => plugin.stop());
  };
  return { host, log, dir, workDir, served };
}
