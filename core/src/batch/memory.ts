/** Sizes that are kept: powers of two from 4 KiB to 4 MiB. */
const leastBytes = 4 << 10;
const mostBytes = 4 << 20;
/** Bound of the memory that waits to be used again. */
const keptBytes = 12 << 20;

const free = new Map<number, Buffer[]>();
let held = 0;

/**
 * Memory of at least `bytes` bytes with any content. Builders grow through megabytes per batch; taken from the garbage
 * collector, these would pile up to tens of megabytes before it comes round to them.
 */
export function takeMemory(bytes: number): Buffer {
  const size = Math.max(leastBytes, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
  const kept = free.get(size)?.pop();
  if (!kept) return Buffer.allocUnsafeSlow(size);
  held -= size;
  return kept;
}

/** Gives memory back that nobody looks at any more. What did not come from here, or is too much, is left to the garbage collector. */
export function giveMemory(memory: Buffer): void {
  const size = memory.length;
  const isOurs = size === memory.buffer.byteLength && size >= leastBytes && (size & (size - 1)) === 0;
  if (!isOurs || size > mostBytes || held + size > keptBytes) return;
  held += size;
  const same = free.get(size);
  if (same) same.push(memory);
  else free.set(size, [memory]);
}
