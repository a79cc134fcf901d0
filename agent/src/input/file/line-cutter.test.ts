import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCutter, replacedFlaw } from "./line-cutter.ts";

interface Line {
  readonly start: number;
  readonly end: number;
  readonly raw: string;
  readonly flaw?: string;
}

const maxBytes = 12;

/** Reads bytes as a follower does: from `readAt` on, at most `chunk` bytes, as far as the file has grown. */
async function cut(bytes: Buffer, chunks: readonly number[], growth: readonly number[]): Promise<Line[]> {
  const lines: Line[] = [];
  const cutter = new LineCutter(0, maxBytes, (start, end, raw, flaw) => {
    lines.push(flaw === undefined ? { start, end, raw } : { start, end, raw, flaw });
  });
  let size = 0;
  let turn = 0;
  while (size < bytes.length || cutter.readAt < size) {
    const before = cutter.readAt;
    const chunk = chunks[turn++ % chunks.length]!;
    const view = bytes.subarray(before, Math.min(before + chunk, size));
    if (view.length > 0) await cutter.take(view, view.length === chunk);
    if (cutter.readAt > before) continue;
    if (size >= bytes.length) break;
    size = Math.min(bytes.length, size + growth[turn % growth.length]!);
  }
  const rest = bytes.subarray(cutter.readAt);
  if (rest.length > 0 || cutter.readAt > cutter.lineStart) await cutter.finish(rest);
  return lines;
}

/** The same, said plainly. */
function reference(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    let line = bytes.subarray(from, newline < 0 ? end : newline);
    while (line[0] === 0) line = line.subarray(1);
    if (newline >= 0 && line.at(-1) === 13) line = line.subarray(0, -1);
    if (line.length > maxBytes) {
      let to = maxBytes;
      for (let back = 0; back < 3 && (line[to]! & 0xc0) === 0x80; back++) to--;
      const raw = line.subarray(0, to).toString("utf8");
      lines.push({ start: from, end, raw, flaw: `The line was cut at ${maxBytes} bytes.` });
    } else if (line.length > 0) {
      const raw = line.toString("utf8");
      const sound = Buffer.from(raw, "utf8").equals(line);
      lines.push(sound ? { start: from, end, raw } : { start: from, end, raw, flaw: replacedFlaw });
    }
    from = end;
  }
  return lines;
}

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "bc", "\n", "\n", "\r\n", "ü", "€", "😀", "\r") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\0", "0123456789ab", "0123456789abc", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
  },
);
const content = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: piece.map((text) => Buffer.from(text)) },
      fc.uint8Array({ maxLength: 3 }),
    ),
  )
  .map((parts) => Buffer.concat(parts));
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe("cutting lines", () => {
  it("gives the same lines however the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(content, sizes, sizes, async (bytes, chunks, growth) => {
        const lines = await cut(bytes, chunks, growth);
        // A hole of zeros longer than a read moves the start of the line behind it; the rest is the same.
        expect(lines.map(({ raw, end, flaw }) => ({ raw, end, flaw }))).toEqual(
          reference(bytes).map(({ raw, end, flaw }) => ({ raw, end, flaw })),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
