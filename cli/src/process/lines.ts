import { LineCutter } from "@vedette/agent";

/** Longest line taken whole, as in an agent's default; the rest of a longer one is left out and the line flagged. */
const maxLineBytes = 1024 * 1024;

/** A line of raw input with the place it starts at. */
export interface Line {
  readonly raw: string;
  readonly offset: number;
  readonly end: number;
  readonly flaw?: string;
}

/** Cuts a stream into lines with the code an agent cuts files with, in bounded memory. Empty lines are left out. */
export async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let lines: Line[] = [];
  const cutter = new LineCutter(0, maxLineBytes, (offset, end, raw, flaw) => {
    lines.push(flaw === undefined ? { raw, offset, end } : { raw, offset, end, flaw });
  });
  let unread = Buffer.alloc(0);
  for await (const chunk of input) {
    const view = unread.length === 0 ? Buffer.from(chunk) : Buffer.concat([unread, chunk]);
    const base = cutter.readAt;
    await cutter.take(view, true);
    unread = view.subarray(cutter.readAt - base);
    yield lines;
    lines = [];
  }
  await cutter.finish(unread);
  if (lines.length > 0) yield lines;
}
