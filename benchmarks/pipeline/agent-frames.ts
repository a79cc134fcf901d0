import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { frameSize, prefixBytes } from "@vedette/core/batch";
import { Fleet, freePort, seeded, until } from "@vedette/testkit";
import { accessLog } from "./access-log.ts";

/** Batches of so many nginx lines as an agent seals them: one runs in `dir`, with nobody to send to, until all are in its spool. */
export async function agentFrames(dir: string, lines: number): Promise<Buffer[]> {
  const port = await freePort();
  const fleet = await Fleet.create(dir, {
    inputs: [{ type: "file", dataType: "nginx", include: [join(dir, "logs", "access.log")] }],
    agent: { log: "error", http: { listen: `127.0.0.1:${port}` } },
  });
  const file = join(dir, "logs", "access.log");
  writeFileSync(file, "");
  const random = seeded(1);
  for (let done = 0; done < lines; done += 10_000)
    writeFileSync(file, accessLog(Math.min(10_000, lines - done), random), { flag: "a" });
  const sealed = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    const text = (await answer?.text()) ?? "";
    return Number(/^vedette_agent_events_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  fleet.start("agent");
  await until("all lines to be in the spool", async () => (await sealed()) >= lines, {
    timeoutMs: 300_000,
    everyMs: 200,
  });
  await fleet.stop();
  return framesBelow(dir);
}

function framesBelow(dir: string): Buffer[] {
  const frames: Buffer[] = [];
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".seg"),
  );
  for (const name of names.sort()) {
    const bytes = readFileSync(join(dir, name));
    for (let at = 0; at < bytes.length; ) {
      const size = frameSize(bytes.subarray(at, at + prefixBytes));
      if (size === undefined) break;
      frames.push(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    }
  }
  return frames;
}
