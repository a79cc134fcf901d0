import { manualClock, recordingLogger } from "@vedette/sdk/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore, type Store } from "../../../collector/src/store/index.ts";
import { nativeOf, nginxEvents } from "../../../collector/src/store/testing/nginx-events.ts";
import { raw, type TestEngine, testEngine } from "./support.ts";

let t: TestEngine;
let store: Store;
beforeAll(async () => {
  t = await testEngine();
  store = await openStore(t.engine, { log: recordingLogger(), clock: manualClock() });
});
afterAll(async () => {
  await store.close();
  await t.stop();
});

/** Whole numbers below `n`, the same at every run. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

it("survives blocks with wrong bytes anywhere: each is stored or refused, none ends the engine", async () => {
  const below = random(7);
  const good = nativeOf(nginxEvents(50, Date.UTC(2026, 0, 1)));
  const { pid } = t.engine;
  let refused = 0;
  for (let round = 0; round < 300; round++) {
    const bad = Buffer.from(good);
    for (let i = 0; i <= below(4); i++) bad[below(bad.length)] = below(256);
    const cut = bad.subarray(0, bad.length - below(3) * below(200));
    await store.insertEvents(cut, `junk-${round}`).catch((error: unknown) => {
      // Never "retry": a batch that cannot be stored would be sent for ever.
      expect(error).toMatchObject({ code: "store.rejected", verdict: { verdict: "drop" } });
      refused++;
    });
  }
  expect(refused).toBeGreaterThan(50);
  expect(t.engine.pid).toBe(pid);
  expect(await t.value("SELECT 1")).toBe("1");
});

it("answers any request: junk statements, addresses and bodies", async () => {
  const below = random(11);
  const parts =
    "SELECT INSERT INTO events t FORMAT CSV VALUES ( ) ' \" ` ; -- /* */ \n 1 , * FROM WITH AS SETTINGS a = \\ $ \0 ü file {x:String} DROP TABLE".split(
      " ",
    );
  const { pid } = t.engine;
  for (let round = 0; round < 400; round++) {
    const text = Array.from({ length: 1 + below(12) }, () => parts[below(parts.length)]).join(" ");
    const path =
      below(3) === 0 ? `/?query=${encodeURIComponent(text)}&${encodeURIComponent(text)}=${below(9)}` : "/";
    const response = await raw(t.engine, path, { method: "POST", body: text });
    expect(response.status).toBeGreaterThanOrEqual(200);
    await response.arrayBuffer();
  }
  expect(t.engine.pid).toBe(pid);
  expect(await t.value("EXISTS TABLE events")).toBe("1");
});
