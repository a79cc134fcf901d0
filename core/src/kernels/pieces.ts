/** A part of a needle that is looked for in its place: the needle ends `behind` bytes after it. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly behind: number;
}

/** Needles of together so many bytes are looked for as they are. */
const fewBytes = 4_096;
/** Bytes of a piece: enough to be rare in logs, few enough that tens of thousands fit into a table. */
const pieceBytes = 6;

/** Bytes from frequent to rare, as they are in logs; those that are not here are rarer still. */
const frequent = Buffer.from(' e/-.taions\\rcdmlpu01:"2w3h=_gfybv4ki56897x,');
const commonness = new Uint8Array(256).fill(1);
for (const [i, byte] of frequent.entries()) commonness[byte] = frequent.length + 1 - i;
for (let byte = 65; byte <= 90; byte++) commonness[byte] = commonness[byte + 32]!;

/** What to look for to find needles, in their order: where they are many, the rarest part of each. */
export function piecesOf(needles: readonly Uint8Array[]): Piece[] {
  const all = needles.reduce((sum, { length }) => sum + length, 0);
  const most = all <= fewBytes ? Number.POSITIVE_INFINITY : pieceBytes;
  return needles.map((bytes) => {
    if (bytes.length <= most) return { bytes, behind: 0 };
    const start = rarest(bytes, most);
    return { bytes: bytes.subarray(start, start + most), behind: bytes.length - start - most };
  });
}

function rarest(bytes: Uint8Array, length: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start + length <= bytes.length; start++) {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += commonness[bytes[i]!]!;
    if (sum < least) {
      least = sum;
      best = start;
    }
  }
  return best;
}
