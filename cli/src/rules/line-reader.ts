import { UsageError } from "../exit.ts";

/** Bytes of a line of input. */
const maxLineBytes = 16 << 20;

/** A line of input and its number, from 1. Empty lines count, though they are left out. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** Cuts a stream into numbered lines, a list for each piece that comes. Throws a `UsageError` on a line beyond the bound. */
export async function* numberedLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedLine[]> {
  let number = 1;
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const lines: NumberedLine[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      take(lines, number++, bytes.toString("utf8", from, end));
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes)
      throw new UsageError(`Line ${number} has more than ${maxLineBytes} bytes.`);
    if (lines.length > 0) yield lines;
  }
  const lines: NumberedLine[] = [];
  take(lines, number, rest.toString("utf8"));
  if (lines.length > 0) yield lines;
}

function take(lines: NumberedLine[], number: number, given: string): void {
  const text = given.trim();
  if (text !== "") lines.push({ number, text });
}
