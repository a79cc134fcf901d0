/**
 * Bits of each byte's code (RFC 7541, appendix B); of the end, last. The codes themselves follow: they ascend with their
 * length, and among those of one length with the byte.
 */
const lengths = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  [30],
].flat();
const longest = 30;
const end = 256;

interface Table {
  /** By length: the first code of it, how many there are, and where their symbols begin. */
  readonly first: readonly number[];
  readonly count: readonly number[];
  readonly start: readonly number[];
  readonly symbols: readonly number[];
}

function tableOf(): Table {
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const count = Array.from(
    { length: longest + 1 },
    (_, bits) => lengths.filter((each) => each === bits).length,
  );
  const first: number[] = [0];
  const start: number[] = [0];
  for (let bits = 1; bits <= longest; bits++) {
    first.push((first[bits - 1]! + count[bits - 1]!) * 2);
    start.push(start[bits - 1]! + count[bits - 1]!);
  }
  return { first, count, start, symbols };
}

let table: Table | undefined;

/** The bytes that a text of a header stands for, one character each. Throws a RangeError where it is no such text. */
export function readHuffman(bytes: Uint8Array): string {
  table ??= tableOf();
  const { first, count, start, symbols } = table;
  let text = "";
  let [code, bits] = [0, 0];
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      bits++;
      const place = code - first[bits]!;
      if (place < count[bits]!) {
        const symbol = symbols[start[bits]! + place]!;
        if (symbol === end) throw new RangeError("the end stands inside of a text");
        text += String.fromCharCode(symbol);
        code = 0;
        bits = 0;
      } else if (bits === longest) throw new RangeError("there is no such code");
    }
  }
  if (bits > 7 || code !== 2 ** bits - 1) throw new RangeError("the text is cut off");
  return text;
}
