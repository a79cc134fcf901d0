import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WarmReads } from "./warm-reads.ts";

describe("reads", () => {
  let dir: string;
  let fd: number;
  let now = 1_000_000;
  let readMs = 0;
  let askedBytes = 0;
  let sectors = 0;
  const memory = Buffer.alloc(16 << 10);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "vedette-warm-"));
    writeFileSync(join(dir, "log"), Buffer.alloc(memory.length, "x"));
    fd = openSync(join(dir, "log"), "r");
    now += 1_000_000;
    // The clock is asked before and after each read at once.
    let inRead = false;
    vi.spyOn(performance, "now").mockImplementation(() => {
      if (inRead) {
        now += readMs;
        sectors += askedBytes / 512;
      }
      inRead = !inRead;
      return now;
    });
    const usage = process.resourceUsage();
    vi.spyOn(process, "resourceUsage").mockImplementation(() => ({ ...usage, fsRead: sectors }));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    closeSync(fd);
    rmSync(dir, { recursive: true });
  });

  /** Whether a read is done at once. */
  const isDirect = (reads: WarmReads, ms: number, bytes: number): boolean => {
    now += 200;
    readMs = ms;
    askedBytes = bytes;
    return reads.read(memory, 0) === memory.length;
  };

  it("are done at once where they do not come from a medium, however long this program waits for a core", () => {
    const reads = new WarmReads(fd, false);
    for (const [ms, bytes] of [
      [1, 0],
      [50, 4_096],
      [1, 1 << 20],
      [50, 0],
      [1, 0],
      [50, 0],
      [50, 4_096],
    ] as const)
      expect(isDirect(reads, ms, bytes)).toBe(true);
    expect(isDirect(reads, 1, 0)).toBe(true);
  });

  it.each([
    ["that came from a medium", [[50, 16 << 10]]],
    [
      "that were slow thrice in a row",
      [
        [50, 0],
        [50, 0],
        [50, 0],
      ],
    ],
  ] as const)("are left to threads after some %s", async (_name, before) => {
    const reads = new WarmReads(fd, false);
    for (const [ms, bytes] of before) expect(isDirect(reads, ms, bytes)).toBe(true);
    const read = reads.read(memory, 0);
    expect(read).toBeInstanceOf(Promise);
    expect(await read).toBe(memory.length);
  });

  it("are left to threads where the file system may hang", async () => {
    const read = new WarmReads(fd, true).read(memory, 0);
    expect(read).toBeInstanceOf(Promise);
    expect(await read).toBe(memory.length);
  });
});
