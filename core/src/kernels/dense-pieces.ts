import { type Lines, rowWords } from "./lines.ts";
import { pieceBytes } from "./pack.ts";

/** The pieces of rows that lie behind each other: views of the buffer, of about the same size. */
export function densePieces(
  { buffer, begin, rows }: Lines,
  first: number,
  count: number,
  use: (bytes: Uint8Array) => void,
): void {
  const end = first + count;
  /** Where a row's text and the newline behind it end. */
  const endOf = (row: number): number => rows[row * rowWords + 2]! + 1;
  const stop = endOf(end - 1);
  for (let row = first, from = rows[first * rowWords + 1]!; row < end; ) {
    const rest = stop - from;
    const most = from + Math.ceil(rest / Math.ceil(rest / pieceBytes));
    // The first row that does not fit.
    let less = row + 1;
    for (let more = end; less < more; ) {
      const middle = (less + more) >>> 1;
      if (endOf(middle) <= most) less = middle + 1;
      else more = middle;
    }
    const to = endOf(less - 1);
    use(buffer.subarray(begin + from, begin + to));
    row = less;
    from = to;
  }
}
