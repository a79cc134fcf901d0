/** Sizes that are kept: powers of two from 4 KiB on. */
export const leastBytes = 4 << 10;

/** Bounds of the memory that waits to be used again, of one piece and of all: what is kept for builders of batches. */
const usual = { piece: 4 << 20, all: 12 << 20 };
/** Where batches are unpacked and stored, larger pieces are needed. */
const largestPiece = 16 << 20;

let most = usual;
const asked = new Set<typeof usual>();
const free = new Map<number, Buffer[]>();
let held = 0;
/** The least that was held since memory was last given back to the system: nobody needed so much of it. */
let leastHeld = 0;

/**
 * Memory of at least `bytes` bytes with any content. Builders grow through megabytes per batch; taken from the garbage
 * collector, these would pile up to tens of megabytes before it comes round to them.
 */
export function takeMemory(bytes: number): Buffer {
  const size = Math.max(leastBytes, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
  const kept = free.get(size)?.pop();
  if (!kept) return Buffer.allocUnsafeSlow(size);
  held -= size;
  if (held < leastHeld) leastHeld = held;
  return kept;
}

/** Gives memory back that nobody looks at any more. What did not come from here, or is too much, is left to the garbage collector. */
export function giveMemory(memory: Buffer): void {
  if (memory.length === memory.buffer.byteLength && isKept(memory.length)) keep(memory);
}

/** More than the pieces of memory that Node shares between small buffers. */
export const leastOwn = Math.max(1 << 17, Buffer.poolSize * 2);

/**
 * Frees a large buffer that nobody will look at any more, at once: a megabyte with every batch would lie about until the
 * garbage collector comes round to it. The buffer is empty afterwards, and so is all that was a part of it; the next ones get its memory.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || bytes.byteOffset !== 0 || buffer.byteLength < leastOwn) return;
  if (isKept(buffer.byteLength)) keep(Buffer.from(buffer.transfer()));
  else buffer.transfer(0);
}

/**
 * Keeps up to so many bytes from now on. What was not needed for `everyMs` is given back to the system. What it returns ends that.
 *
 * A collector's columns and inserts come to more than a hundred megabytes and go again with every group of batches. Each time they have
 * grown by some tens of megabytes V8 would mark its whole heap, although there is nothing in it to be freed; memory that stays is not counted again.
 */
export function keepMemory(bytes: number, everyMs: number): () => void {
  const own = { piece: largestPiece, all: bytes };
  asked.add(own);
  most = own;
  const timer = setInterval(() => {
    shrinkTo(held - leastHeld);
    leastHeld = held;
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    asked.delete(own);
    most = [...asked].at(-1) ?? usual;
    shrinkTo(most.all);
  };
}

const isKept = (size: number): boolean =>
  size >= leastBytes && (size & (size - 1)) === 0 && size <= most.piece && held + size <= most.all;

function keep(memory: Buffer): void {
  const size = memory.length;
  held += size;
  const same = free.get(size);
  if (same) same.push(memory);
  else free.set(size, [memory]);
}

/** Frees memory, the largest pieces first, until no more than so much waits. */
function shrinkTo(bytes: number): void {
  for (const [size, pieces] of [...free].sort(([a], [b]) => b - a)) {
    for (let memory = pieces.at(-1); memory && held > bytes; memory = pieces.at(-1)) {
      pieces.pop();
      held -= size;
      (memory.buffer as ArrayBuffer).transfer(0);
    }
  }
}
