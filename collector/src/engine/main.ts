import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { EngineReport, EngineStart } from "./messages.ts";
import { Handler } from "./process/handler.ts";
import { Lanes } from "./process/lanes.ts";
import { loadNative, NoEngineError } from "./process/native.ts";
import { openWhenFree } from "./process/open.ts";
import { shutdown } from "./process/shutdown.ts";
import { BodySpool } from "./process/spool.ts";

/** The engine process: chDB behind the ClickHouse HTTP interface on loopback. Started by the supervisor only. */
const report = (line: EngineReport) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function run(start: EngineStart, parentGone: Promise<unknown>): Promise<void> {
  const { limits, database } = start;
  const engine = await openWhenFree(loadNative(), start, report);
  await engine.own(`CREATE DATABASE IF NOT EXISTS \`${database}\` ENGINE = Atomic`);
  const version = (await engine.own("SELECT version()")).trim();
  const spool = new BodySpool(start.spoolDirectories, limits);
  const handler = new Handler({
    engine,
    spool,
    users: start.users,
    reads: new Lanes(limits.readers, limits.maxWaiting),
    writes: new Lanes(limits.writers, limits.maxWaiting),
    smallWrites: new Lanes(limits.smallWriters, limits.maxWaiting),
    smallBodyBytes: limits.smallBodyBytes,
    database,
    version,
    maxStatementBytes: limits.maxStatementBytes,
    maxResultBytes: limits.maxResultBytes,
  });
  const server = createServer(
    { maxHeaderSize: 128 * 1024, keepAliveTimeout: 30_000 },
    (request, response) => void handler.handle(request, response),
  );
  server.maxConnections = limits.maxConnections;
  server.listen(start.port, "127.0.0.1");
  await once(server, "listening");
  report({ state: "ready", port: (server.address() as AddressInfo).port, version });
  await Promise.race([parentGone, once(process, "SIGTERM")]);
  await shutdown(server, engine, limits.shutdownGraceMs, () => spool.close());
}

// The parent stops this process; a Ctrl-C in its terminal must not stop the store before the collector has written.
process.on("SIGINT", () => {});
// A parent that died no longer reads reports; the end of our input says the same and is handled.
process.stdout.on("error", () => {});
try {
  const lines = createInterface({ input: process.stdin });
  const [first] = (await once(lines, "line")) as [string];
  await run(JSON.parse(first) as EngineStart, once(lines, "close"));
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` ${error.cause.message}` : "";
  const reason = `${error instanceof Error ? error.message : String(error)}${cause}`;
  report({ state: "failed", reason, final: error instanceof NoEngineError });
  process.exitCode = 1;
  process.stdin.destroy();
}
