import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kafkaConnection, openKafka } from "@vedette/core/kafka";
import { recordingLogger } from "@vedette/sdk/testing";
import { type Kafka, noKafka, startKafka, until } from "@vedette/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const missing = await noKafka();

// Both libraries are loaded when they are needed, and one reads WebAssembly: in the one file all of it must be inside.
describe.skipIf(missing !== undefined)(`the one-file agent ${missing ?? ""}`, () => {
  let dir = "";
  let broker: Kafka;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "vedette-bundle-kafka-"));
    execFileSync(process.execPath, [join(root, "scripts", "build-agent.mjs")], { stdio: "pipe" });
    copyFileSync(join(root, "dist", "vedette-agent.mjs"), join(dir, "vedette-agent.mjs"));
    broker = await startKafka();
  }, 300_000);
  afterAll(async () => {
    await broker?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(["platformatic", "kafkajs"])("ships to Kafka through %s", async (client) => {
    const brokers = broker.bootstrap;
    const kafka = await openKafka(kafkaConnection.parse({ brokers }), {
      ...{ log: recordingLogger(), baseDir: dir },
    });
    const admin = await kafka.admin();
    await admin.createTopics([{ topic: client, partitions: 1, replicas: 1 }]);
    const inputs = [{ type: "file", dataType: "generic", include: ["app.log"], startAt: "beginning" }];
    const agent = { stateDir: `state-${client}`, kafka: { brokers, client, topic: client }, inputs };
    writeFileSync(join(dir, "app.log"), "one\ntwo\n");
    writeFileSync(join(dir, `${client}.yaml`), JSON.stringify({ agent }));
    const args = [join(dir, "vedette-agent.mjs"), "agent", "--config", `${client}.yaml`];
    const child = spawn(process.execPath, args, { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-4_000);
      });
    }
    const exited = new Promise((resolve) => child.once("exit", resolve));
    try {
      await until(
        "a batch in the topic",
        async () => ((await admin.ends(client))[0]?.offset ?? 0n) > 0n,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${said}`);
      });
    } finally {
      child.kill("SIGTERM");
      await exited;
      await admin.close();
    }
  });
});
