import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import {
  openInput,
  serveAnalysis,
  serveCorrelation,
  serveNotification,
  serveParsing,
} from "@vedette/core/socket-plugin";

/** A plugin of every kind, as the first argument says; the second is what it is to do wrong. */
const [kind, fault] = process.argv.slice(2);
const workDir = process.env["WORK_DIR"] ?? "";
const note = (what: unknown): void =>
  appendFileSync(join(workDir, `${kind}.ndjson`), `${JSON.stringify(what)}\n`);

/** Holds memory that is really used. */
const held: Buffer[] = [];
const misbehave = (): void => {
  if (fault === "crash") process.exit(7);
  if (fault === "fill") for (let i = 0; i < 40; i++) held.push(Buffer.alloc(16 << 20, i));
  if (fault === "flood")
    for (let i = 0; i < 20_000; i++) console.log(`{"msg":"flood ${i}","severity":"WARNING"}`);
};

switch (kind) {
  case "parse":
    await serveParsing("parse", async (log) => {
      if (fault === "hang") await new Promise(() => undefined);
      misbehave();
      if (fault === "lie")
        return { ...log, raw: "forged", "@timestamp": "1999", statusCode: "no number", own: { a: 1 } };
      return { ...log, log: { ...(log["log"] as object | undefined), custom_status: "processed_by_plugin" } };
    });
    break;
  case "analyze":
    await serveAnalysis("analyze", function* (event) {
      if (event.raw.includes("evil")) yield { name: "Evil was said", impactScore: 3, severity: "high" };
    });
    break;
  case "correlate":
    await serveCorrelation("correlate", ({ id, name }) => note({ id, name }));
    break;
  case "notify":
    await serveNotification("notify", ({ topic, message }) => note({ topic, message: JSON.parse(message) }));
    break;
  case "input": {
    const input = openInput();
    const send = (raw: string): Promise<void> =>
      input.send({ id: randomUUID(), dataType: "custom_data", dataSource: "external_api", raw });
    for (let n = 0; ; n++) {
      await send(`{"message": "log ${n} of ${process.pid}"}`);
      note({ acknowledged: n, pid: process.pid });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
