import { isUtf8 } from "node:buffer";

/** Longest line taken whole; the rest of a longer one is left out and the line flagged. */
const maxLineBytes = 1024 * 1024;

/** A line of raw input with the place it starts at. */
export interface Line {
  readonly raw: string;
  readonly offset: number;
  readonly end: number;
  readonly flaw?: string;
}

/**
 * Splits bytes into lines. Takes CRLF, a last line without its end, invalid UTF-8 (replaced and flagged) and lines of
 * any length in bounded memory. Empty lines are left out.
 */
export async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let cut = 0;
  let offset = 0;
  const take = (last: Buffer, end: number): Line | undefined => {
    const whole = kept.length === 0 ? last : Buffer.concat([...kept, last]);
    const size = keptBytes + last.length + cut;
    const start = end - size;
    const body = whole.length > 0 && whole[whole.length - 1] === 13 ? whole.subarray(0, -1) : whole;
    const bounded = body.length > maxLineBytes ? body.subarray(0, maxLineBytes) : body;
    const flaws: string[] = [];
    if (cut > 0 || bounded.length < body.length)
      flaws.push(`The line has ${size} bytes and was cut at ${maxLineBytes}.`);
    else if (!isUtf8(bounded)) flaws.push("The line is not UTF-8; what was wrong is replaced.");
    kept = [];
    keptBytes = 0;
    cut = 0;
    if (bounded.length === 0) return undefined;
    const line = { raw: bounded.toString("utf8"), offset: start, end };
    return flaws[0] === undefined ? line : { ...line, flaw: flaws[0] };
  };
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const lines: Line[] = [];
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      const line = take(bytes.subarray(from, at), offset + at);
      if (line) lines.push(line);
      from = at + 1;
    }
    const rest = bytes.subarray(from);
    const room = Math.max(0, maxLineBytes + 1 - keptBytes);
    const piece = rest.subarray(0, room);
    if (piece.length > 0) kept.push(Buffer.from(piece));
    keptBytes += piece.length;
    cut += rest.length - piece.length;
    offset += bytes.length;
    yield lines;
  }
  const last = take(Buffer.alloc(0), offset);
  if (last) yield [last];
}
