import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Hints } from "./hints.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-hints-"));
const followed = join(dir, "followed.log");
const other = join(dir, "other.log");
const opened: Hints[] = [];
afterEach(() => {
  for (const hints of opened.splice(0)) hints.close();
  rmSync(dir, { recursive: true, force: true });
});

it("wakes at once for what is followed, and after a while for others in its folder", async () => {
  writeFileSync(followed, "");
  writeFileSync(other, "");
  const hints = new Hints({
    isFollowed: (path) => path === followed,
    othersMs: 400,
    refused: (_dir, error) => expect.fail(String(error)),
  });
  opened.push(hints);
  hints.cover(new Set([dir]));
  const { signal } = new AbortController();
  const woken = async (change: string): Promise<number> => {
    const began = performance.now();
    const waiting = hints.wait(30_000, signal);
    await pause(1);
    appendFileSync(change, "x\n");
    await waiting;
    return performance.now() - began;
  };

  expect(await woken(other)).toBeGreaterThan(390);
  expect(hints.take().paths.size).toBe(0);
  expect(await woken(followed)).toBeLessThan(10_000);
  expect([...hints.take().paths]).toEqual([followed]);
});
