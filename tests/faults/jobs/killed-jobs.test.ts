import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "@vedette/sdk";
import { afterAll, expect, it } from "vitest";
import { openControlDatabase } from "../../../collector/src/control/index.ts";
import { JobStore } from "../../../collector/src/respond/jobs/index.ts";
import { parseWorkflows } from "../../../collector/src/respond/library/index.ts";

const kills = Number(process.env["VEDETTE_KILLS"] ?? 50);
const steps = 10;
const dir = mkdtempSync(join(tmpdir(), "vedette-killed-jobs-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What the other side really did: requests by job and step; those that carry a known key do nothing. */
const requests = new Map<string, number>();
const effects = new Map<string, number>();
const known = new Set<string>();
/** The request that gets no answer, so that a kill falls between its effect and its answer; and who waits for it. */
let unanswered: { at: string; asked: PromiseWithResolvers<void> } | undefined;
const server = createServer((request, response) => {
  const at = request.url!;
  requests.set(at, (requests.get(at) ?? 0) + 1);
  const key = String(request.headers["idempotency-key"]);
  if (!at.includes("again") || !known.has(key)) effects.set(at, (effects.get(at) ?? 0) + 1);
  known.add(key);
  if (at === unanswered?.at) {
    unanswered.asked.resolve();
    unanswered = undefined;
    return;
  }
  // The effect is there before the answer is: a kill in between is the hard case.
  global.setTimeout(() => response.end("{}"), Math.random() * 8);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const startWorker = async (): Promise<ChildProcess> => {
  const script = fileURLToPath(new URL("worker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@vedette/source", script, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  child.kill("SIGKILL");
  await once(child, "exit");
};

it(`does each side effect once, or says that it does not know, when it is killed ${kills} times`, async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const name = (index: number): string => (index % 2 === 0 ? `again-${index}` : `once-${index}`);
  const text = `id: killed\nname: Killed\nlimits: { perMinute: 100000 }\nsteps:\n${Array.from(
    { length: steps },
    (_, index) =>
      `  - { id: ${name(index)}, type: action, action: http.request, idempotent: ${index % 2 === 0}, input: { method: POST, url: "http://127.0.0.1:${port}/{{[$job].[id]}}/${name(index)}" } }\n`,
  ).join("")}`;
  const { workflows } = parseWorkflows(text);
  const database = await openControlDatabase({ kind: "sqlite", dir });
  const store = new JobStore(database, systemClock);
  const jobs: string[] = [];
  for (let round = 0; round < kills; round++) {
    const made = { workflow: workflows[0]!.workflow, others: [], input: {}, startedBy: "test" };
    const { id } = await store.create(made);
    jobs.push(id);
    // Every third kill falls between the effect of a step and its answer for sure, the rest anywhere.
    const asked = Promise.withResolvers<void>();
    if (round % 3 === 0) unanswered = { at: `/${id}/${name((round / 3) % steps)}`, asked };
    const [before, child] = [requests.size, await startWorker()];
    if (round % 3 === 0) await asked.promise;
    else if (round % 3 === 1)
      for (let waited = 0; waited < 400 && requests.size === before; waited++) await setTimeout(5);
    if (round % 3 > 0) await setTimeout(Math.random() * 400);
    await kill(child);
  }
  const last = await startWorker();
  const states = async () => Promise.all(jobs.map(async (id) => (await store.get(id))!.status));
  const ended = (status: string) => status === "succeeded" || status === "uncertain";
  for (let waited = 0; waited < 600 && !(await states()).every(ended); waited++) await setTimeout(100);
  await kill(last);

  const final = await states();
  expect(final.every(ended)).toBe(true);
  let resumed = 0;
  for (const [index, id] of jobs.entries()) {
    const journal = await store.steps(id);
    if (Number((await store.get(id))!.epoch) > 1) resumed++;
    const done = new Set(journal.filter(({ state }) => state === "done").map(({ key }) => key));
    const unsure = journal.filter(({ state }) => state === "uncertain").map(({ key }) => key);
    expect(unsure).toHaveLength(final[index] === "uncertain" ? 1 : 0);
    if (final[index] === "succeeded") expect(done.size).toBe(steps);
    for (let step = 0; step < steps; step++) {
      const at = `/${id}/${name(step)}`;
      const count = effects.get(at) ?? 0;
      if (done.has(name(step))) expect([at, count]).toEqual([at, 1]);
      else if (unsure.includes(name(step))) expect(count).toBeLessThanOrEqual(1);
      else expect([at, count]).toEqual([at, 0]);
      // What is not idempotent was not even asked for twice.
      if (name(step).startsWith("once")) expect(requests.get(at) ?? 0).toBeLessThanOrEqual(1);
    }
  }
  const unsure = final.filter((status) => status === "uncertain").length;
  const repeated = [...requests.values()].filter((count) => count > 1).length;
  console.log(JSON.stringify({ kills, resumed, uncertain: unsure, repeatedIdempotent: repeated }));
  // The kills fell into the work, not beside it, and yet there was work that ended well.
  expect(resumed).toBeGreaterThanOrEqual(Math.ceil(kills / 3));
  expect(unsure).toBeLessThan(kills);
  await database.destroy();
});
