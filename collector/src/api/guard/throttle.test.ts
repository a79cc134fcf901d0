import { manualClock } from "@vedette/sdk/testing";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { ApiEnv } from "./access.ts";
import { throttle } from "./throttle.ts";

function setUp() {
  const clock = manualClock();
  const app = new Hono<ApiEnv>();
  app.use("/*", throttle(clock, { concurrent: 2, perSecond: 1, burst: 3, clients: 10 }));
  app.onError((_, c) => c.text("no", 429));
  app.get("/", (c) => c.text("yes"));
  const ask = async (times: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) statuses.push((await app.request("/")).status);
    return statuses;
  };
  return { clock, ask };
}

describe("the throttle", () => {
  it("lets a burst through, and then so many a second", async () => {
    const { clock, ask } = setUp();
    expect(await ask(4)).toEqual([200, 200, 200, 429]);
    clock.advance(1_000);
    expect(await ask(2)).toEqual([200, 429]);
  });

  it("locks nobody out when the clock is set back", async () => {
    const { clock, ask } = setUp();
    await ask(1);
    clock.advance(-3_600_000);
    expect(await ask(3)).toEqual([200, 200, 429]);
    clock.advance(1_000);
    expect(await ask(1)).toEqual([200]);
  });
});
