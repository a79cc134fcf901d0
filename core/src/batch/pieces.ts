import { freeBytes } from "./memory.ts";

/** Bytes of a piece; what is larger has one of its own. */
const pieceBytes = 4 << 20;
/** Empty pieces that wait to be used again. */
const mostSpare = 2;

interface Piece {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
  /** Rooms in it that were not given back. */
  live: number;
}

/** Part of a piece: `size` bytes from `from` on. */
export interface Room {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly from: number;
  readonly size: number;
  /** Gives it back; nobody may look at it afterwards. */
  free(): void;
}

/**
 * Memory for what stays for minutes and leaves in the order in which it came, in pieces that are lent again: taken from the system
 * and given back each time, its pages would be made anew with every batch, and V8 would mark its heap because of bytes that come and go.
 */
export class Pieces {
  #current: Piece | undefined;
  readonly #spare: Piece[] = [];

  take(size: number): Room {
    const piece = size > pieceBytes ? pieceOf(size) : this.#pieceFor(size);
    const from = piece.used;
    piece.used += size;
    piece.live++;
    const free = (): void => this.#leave(piece);
    return { bytes: piece.bytes, view: piece.view, from, size, free };
  }

  #pieceFor(size: number): Piece {
    let piece = this.#current;
    if (piece && piece.used + size <= pieceBytes) return piece;
    const before = piece;
    piece = this.#spare.pop() ?? pieceOf(pieceBytes);
    this.#current = piece;
    if (before?.live === 0) this.#empty(before);
    return piece;
  }

  #leave(piece: Piece): void {
    piece.live--;
    if (piece.live > 0) return;
    if (piece === this.#current) piece.used = 0;
    else this.#empty(piece);
  }

  #empty(piece: Piece): void {
    piece.used = 0;
    if (piece.bytes.length === pieceBytes && this.#spare.length < mostSpare) this.#spare.push(piece);
    else freeBytes(piece.bytes);
  }
}

function pieceOf(size: number): Piece {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), used: 0, live: 0 };
}
