import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ArchiveContent } from "./archive-content.ts";

describe("what an archive holds", () => {
  it("can be read again, also into less memory than what was read and not taken", async () => {
    const dir = mkdtempSync(join(tmpdir(), "vedette-archive-"));
    const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, i) => String(i)).join(" "));
    const packed = gzipSync(bytes);
    const path = join(dir, "a.log.1.gz");
    writeFileSync(path, packed);
    const content = new ArchiveContent(openSync(path, "r"), "gz", packed.length);
    try {
      for (const [offset, size] of [
        [0, 1_000],
        [200, 100],
        [250, 500],
        [250, 2_000],
        [2_200, 10_000],
      ] as const) {
        const buffer = Buffer.alloc(size);
        const count = await content.read(buffer, offset);
        const expected = bytes.subarray(offset, offset + size);
        expect(count).toBe(expected.length);
        expect(buffer.subarray(0, count).equals(expected)).toBe(true);
      }
    } finally {
      content.close();
      await content.closed;
      rmSync(dir, { recursive: true });
    }
  });
});
