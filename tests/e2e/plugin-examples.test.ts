import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SocketHost } from "@vedette/core/socket-plugins";
import { collectorSocketPlugins } from "@vedette/core/socket-plugins/config";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { buildGoExample, withoutGo } from "@vedette/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A Python with gRPC: one that was made for it, else the machine's. */
const python = [join(root, ".tools", "python", "bin", "python"), "python3"].find((program) => {
  try {
    execFileSync(program, ["-c", "import grpc, grpc_tools"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Runs the example under a host, and asks it for many logs, one of them wrong. */
async function example(install: (file: string, dir: string) => void): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "vpe-"));
  mkdirSync(join(dir, "p"));
  install(join(dir, "p", "my-enricher.plugin"), dir);
  const config = collectorSocketPlugins.parse({ dir: "p", workDir: "w" });
  const deps = { log: recordingLogger(), clock: systemClock, signal: new AbortController().signal };
  const host = await SocketHost.open(config, { stateDir: dir, baseDir: dir }, deps);
  onTestFinished(async () => {
    await host.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  host.start();
  const call = { plugin: "my-enricher", params: { key: "value" } };
  const ask = (roots: Record<string, unknown>[]) =>
    host.parsing.parse(
      call,
      roots.map((root) => ({ root, errors: [] })),
    );
  // The first is asked alone, as the original protocol has it.
  expect(await ask([{ raw: "line ü" }])).toEqual([
    { root: { raw: "line ü", log: { custom_status: "processed_by_plugin" } }, errors: [] },
  ]);
  const answers = await ask(Array.from({ length: 2_000 }, (_, n) => ({ raw: "x", log: { n } })));
  expect(answers).toEqual(
    Array.from({ length: 2_000 }, (_, n) => ({
      root: { raw: "x", log: { n, custom_status: "processed_by_plugin" } },
      errors: [],
    })),
  );
  const [status] = host.status();
  expect(status).toMatchObject({ id: "my-enricher", kind: "parsing", state: "healthy", errors: 0 });
  expect(status!.calls).toBe(2);
}

describe("the examples in deploy/socket-plugins", { timeout: 600_000 }, () => {
  it("in Go", async ({ skip }) => {
    if (withoutGo !== undefined) return skip(withoutGo);
    const built = await buildGoExample();
    onTestFinished(() => built.remove());
    await example((file) => copyFileSync(built.file("my-enricher"), file));
  });

  it("in Python", async ({ skip }) => {
    if (!python) return skip("There is no Python with grpcio and grpcio-tools");
    await example((file, dir) => {
      const source = join(dir, "source");
      cpSync(join(root, "deploy", "socket-plugins", "python"), source, { recursive: true });
      mkdirSync(join(source, "generated"), { recursive: true });
      const out = ["--python_out=generated", "--grpc_python_out=generated"];
      const protos = ["plugins/plugins.proto", "vedette/plugins/v1/batch_parsing.proto"];
      const generate = ["-m", "grpc_tools.protoc", "-I", join(root, "proto"), ...out, ...protos];
      execFileSync(python, generate, { cwd: source, stdio: "pipe" });
      if (existsSync(python))
        writeFileSync(file, `#!/bin/sh\nexec ${python} ${join(source, "my_enricher.py")}\n`, { mode: 0o755 });
      else symlinkSync(join(source, "my_enricher.py"), file);
    });
  });
});
