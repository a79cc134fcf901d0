import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Telemetry } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { recordingLogger } from "@vedette/sdk/testing";
import { afterAll, expect, it } from "vitest";
import { actionsConfig } from "../../../collector/src/config/index.ts";
import { openControlDatabase, verifyAudit } from "../../../collector/src/control/index.ts";
import { Actions, type Run } from "../../../collector/src/respond/index.ts";
import { wall } from "./wall.ts";

const kills = Number(process.env["VEDETTE_KILLS"] ?? 6);
const each = 6;
const dir = mkdtempSync(join(tmpdir(), "vedette-killed-actions-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Requests by path, and what stands at the other side. */
const requests = new Map<string, number>();
const standing = new Map<string, number>();
const liftedAt = new Map<string, number>();
/** How many bans are answered before one is kept waiting for its answer until whoever asked is dead; undefined: all are. */
let answered: number | undefined;
let keptWaiting = Promise.withResolvers<void>();
const server = createServer((request, response) => {
  const at = request.url!;
  const [, what, , id = ""] = at.split("/");
  requests.set(at, (requests.get(at) ?? 0) + 1);
  if (what === "ban") standing.set(id, Date.now());
  else {
    standing.delete(id);
    liftedAt.set(id, Date.now());
  }
  // The effect is there before the answer is: a kill in between is the hard case.
  if (what === "ban" && answered !== undefined && answered-- === 0) {
    answered = undefined;
    return keptWaiting.resolve();
  }
  global.setTimeout(() => response.end("{}"), Math.random() * 30);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const start = async (url: string): Promise<ChildProcess> => {
  const script = fileURLToPath(new URL("worker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@vedette/source", script, dir, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return child;
};
const kill = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

it(`bans once and lifts every ban when it is killed ${kills} times`, async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const database = await openControlDatabase({ kind: "sqlite", dir });
  const actions = new Actions(actionsConfig.parse({ dryRun: false, caps: { perMinute: 10_000 } }), {
    ...{ database, log: recordingLogger(), clock: systemClock, telemetry: new Telemetry() },
    ...{ redact: (text: string) => text, alone: false },
  });
  actions.attach(() => [wall(url)]);
  const by = { name: "test", id: "test", origin: "person", admin: true } as const;
  const ids: string[] = [];
  for (let round = 0; round < kills; round++) {
    for (let index = 0; index < each; index++) {
      const action = index % 2 === 0 ? "wall/again" : "wall/once";
      const target = { value: `198.41.${round}.${index + 1}` };
      const { run } = await actions.run({ action, target, reason: "x", ttlSeconds: 10, by });
      ids.push(run.id);
    }
    // Every other kill falls between an effect and its answer for sure, the rest anywhere.
    const between = round % 2 === 0;
    if (between) {
      keptWaiting = Promise.withResolvers();
      answered = (round / 2) % each;
    }
    const [before, child] = [requests.size, await start(url)];
    if (between) await keptWaiting.promise;
    else {
      for (let waited = 0; waited < 400 && requests.size === before; waited++) await setTimeout(5);
      await setTimeout(Math.random() * 150);
    }
    await kill(child);
  }
  const last = await start(url);
  const runs = async (): Promise<Run[]> =>
    Promise.all(ids.map(async (id) => (await actions.ledger.get(id))!));
  const ended = ({ state }: Run): boolean => state === "lifted";
  for (let waited = 0; waited < 600 && !(await runs()).every(ended); waited++) await setTimeout(100);
  await kill(last);

  const final = await runs();
  expect(final.filter((run) => !ended(run))).toEqual([]);
  // Nothing stands any more, whatever was known of it.
  expect([...standing.keys()]).toEqual([]);
  let unsure = 0;
  for (const run of final) {
    const name = run.action.split("/")[1]!;
    const asked = requests.get(`/ban/${name}/${run.id}/${run.target}`) ?? 0;
    if (name === "once") expect([run.target, asked <= 1]).toEqual([run.target, true]);
    // One that was cut off before it asked, and whose time was over at the next start, was only lifted.
    if (Number(run.uncertain) === 1) unsure++;
    else expect(asked).toBeGreaterThanOrEqual(1);
    expect(liftedAt.get(run.id)).toBeGreaterThanOrEqual(Number(run.expires_at) - 5);
  }
  const repeated = [...requests].filter(([at, count]) => at.startsWith("/ban") && count > 1).length;
  console.log(JSON.stringify({ kills, runs: ids.length, uncertain: unsure, repeatedIdempotent: repeated }));
  // The kills fell into the work, not beside it.
  expect(unsure + repeated).toBeGreaterThan(0);
  expect(await verifyAudit(database)).toBeUndefined();
  await database.destroy();
}, 240_000);
