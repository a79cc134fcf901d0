import { type Lines, linesOf } from "@vedette/core/kernels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkRows } from "../../chunk-rows.ts";
import { type EmitLine, type EmitLines, LineCutter, replacedFlaw } from "./line-cutter.ts";

interface Line {
  readonly start: number;
  readonly end: number;
  readonly raw: string;
  readonly flaw?: string;
}

const maxBytes = 12;

type Mode = "one by one" | "many, by WebAssembly" | "many, in plain TypeScript";

const kernels = new Map<Mode, Lines>();

/** A kernel that is used for many files, as an input does. */
function kernelOf(mode: Mode): Lines {
  const kernel = kernels.get(mode);
  if (kernel) return kernel;
  if (mode === "many, in plain TypeScript") process.env["VEDETTE_KERNELS"] = "js";
  const made = linesOf(2_048);
  delete process.env["VEDETTE_KERNELS"];
  kernels.set(mode, made);
  return made;
}

/** Reads bytes as a follower does: from `readAt` on, at most `chunk` bytes, as far as the file has grown. */
async function cut(
  bytes: Buffer,
  chunks: readonly number[],
  growth: readonly number[],
  mode: Mode = "one by one",
): Promise<Line[]> {
  const lines: Line[] = [];
  const line: EmitLine = (start, end, raw, flaw) => {
    lines.push(flaw === undefined ? { start, end, raw } : { start, end, raw, flaw });
  };
  const many: EmitLines = async (chunk) => {
    const rows = new ChunkRows({
      ...chunk,
      source: "s",
      idPrefix: "",
      dataType: "",
      dataSource: "",
      time: 0,
    });
    await Promise.resolve();
    for (let row = 0; row < chunk.count; row++) {
      const { raw, position } = rows.log(row);
      lines.push({ start: position.offset, end: position.end, raw });
    }
  };
  const cutter = new LineCutter(0, maxBytes, line, mode === "one by one" ? undefined : many);
  let size = 0;
  let turn = 0;
  while (size < bytes.length || cutter.readAt < size) {
    const before = cutter.readAt;
    const chunk = chunks[turn++ % chunks.length]!;
    const view = bytes.subarray(before, Math.min(before + chunk, size));
    if (view.length > 0) await take(cutter, view, view.length === chunk, mode, turn);
    if (cutter.readAt > before) continue;
    if (size >= bytes.length) break;
    size = Math.min(bytes.length, size + growth[turn % growth.length]!);
  }
  const rest = bytes.subarray(cutter.readAt);
  if (rest.length > 0 || cutter.readAt > cutter.lineStart) await cutter.finish(rest);
  return lines;
}

async function take(
  cutter: LineCutter,
  view: Buffer,
  full: boolean,
  mode: Mode,
  turn: number,
): Promise<void> {
  if (mode === "one by one") return cutter.take(view, full);
  const kernel = kernelOf(mode);
  // As behind an overlap of some length.
  const at = (turn * 7) % 300;
  kernel.buffer.fill(10);
  kernel.buffer.set(view, at);
  await cutter.take(kernel.buffer.subarray(at, at + view.length), full, kernel);
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

describe.each<Mode>(["one by one", "many, by WebAssembly", "many, in plain TypeScript"])(
  "cutting lines %s",
  (mode) => {
    it("gives the same lines however the bytes come", async () => {
      await fc.assert(
        fc.asyncProperty(content, sizes, sizes, async (bytes, chunks, growth) => {
          const lines = await cut(bytes, chunks, growth, mode);
          // A hole of zeros longer than a read moves the start of the line behind it; the rest is the same.
          expect(lines.map(({ raw, end, flaw }) => ({ raw, end, flaw }))).toEqual(
            reference(bytes).map(({ raw, end, flaw }) => ({ raw, end, flaw })),
          );
        }),
        { numRuns: mode === "one by one" ? 2_000 : 4_000 },
      );
    });

    it("gives the starts of lines as well, where a read holds them whole", async () => {
      await fc.assert(
        fc.asyncProperty(content, async (bytes) => {
          expect(await cut(bytes, [1_000], [1_000], mode)).toEqual(reference(bytes));
        }),
        { numRuns: 500 },
      );
    });
  },
);

describe("lines that fill no split", () => {
  it("are left to the next read while more follow, and reads become as long as whole splits", async () => {
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i % 1_000}\n`).join(""));
    const kernel = linesOf(128 << 10);
    const seen: { readonly count: number; readonly text: string }[] = [];
    const cutter = new LineCutter(
      0,
      1_000,
      () => undefined,
      ({ lines, count }) => {
        const { buffer, begin, consumed } = lines;
        seen.push({ count, text: buffer.toString("latin1", begin, begin + consumed) });
      },
    );
    let read = 0;
    while (cutter.readAt < bytes.length) {
      const size = cutter.wanted(kernel.buffer.length);
      const count = bytes.copy(kernel.buffer, 0, cutter.readAt, cutter.readAt + size);
      read += count;
      await cutter.take(kernel.buffer.subarray(0, count), count === size, kernel);
    }
    expect(seen.map(({ text }) => text).join("")).toBe(bytes.toString());
    expect(seen.map(({ count }) => count)).toEqual([...Array<number>(7).fill(8_192), 60_000 - 7 * 8_192]);
    expect(read).toBeLessThan(bytes.length * 1.2);
  });
});
