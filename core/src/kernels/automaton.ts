/**
 * An Aho–Corasick automaton over bytes (Aho and Corasick 1975) as one dense table: one look-up a byte, whatever the number
 * of needles. ASCII letters of both cases are one symbol; who cares about case looks at the bytes found.
 */
export interface Automaton {
  /** Symbol of each byte; 0 for every byte that is in no needle. */
  readonly symbols: Uint8Array;
  /** Number of symbols. A state is the place of its row in `next`, a multiple of this; the first state is 0. */
  readonly width: number;
  /** `next[state + symbol]` is the next state. */
  readonly next: Uint32Array;
  /** From this state on, needles end. */
  readonly firstHit: number;
  /** `hits[(state - firstHit) / width]` are the needles that end in a state. */
  readonly hits: readonly (readonly number[])[];
}

/** Bytes that a table may take. Needles that would need more are looked for in another way. */
export const maxTableBytes = 16 << 20;

const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const folded = (byte: number): number => (isUpper(byte) ? byte + 32 : byte);

/** Builds the automaton of needles, none of them empty; undefined where its table would be too large. */
export function buildAutomaton(needles: readonly Uint8Array[]): Automaton | undefined {
  const { symbols, width } = symbolsOf(needles);
  const most = needles.reduce((sum, needle) => sum + needle.length, 1);
  if (most * width * 4 > maxTableBytes) return undefined;
  const trie = new Int32Array(most * width).fill(-1);
  const ends: number[][] = [[]];
  for (const [needle, bytes] of needles.entries()) {
    let node = 0;
    for (const byte of bytes) {
      const edge = node * width + symbols[byte]!;
      if (trie[edge]! < 0) trie[edge] = ends.push([]) - 1;
      node = trie[edge]!;
    }
    ends[node]!.push(needle);
  }
  complete(trie, ends, width);
  return numbered(trie, ends, width, symbols);
}

function symbolsOf(needles: readonly Uint8Array[]): { symbols: Uint8Array; width: number } {
  const used = new Uint8Array(256);
  for (const needle of needles) for (const byte of needle) used[folded(byte)] = 1;
  const symbols = new Uint8Array(256);
  let width = 1;
  for (let byte = 0; byte < 256; byte++) {
    if (used[byte] === 1 && !isUpper(byte)) symbols[byte] = width++;
  }
  for (let byte = 65; byte <= 90; byte++) symbols[byte] = symbols[byte + 32]!;
  return { symbols, width };
}

/** Breadth first: gives every node an edge for each symbol, and the needles that end in its longest proper suffix. */
function complete(trie: Int32Array, ends: number[][], width: number): void {
  const suffix = new Int32Array(ends.length);
  const queue: number[] = [];
  for (let symbol = 0; symbol < width; symbol++) {
    if (trie[symbol]! < 0) trie[symbol] = 0;
    else queue.push(trie[symbol]!);
  }
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at]!;
    ends[node]!.push(...ends[suffix[node]!]!);
    for (let symbol = 0; symbol < width; symbol++) {
      const edge = node * width + symbol;
      const shorter = trie[suffix[node]! * width + symbol]!;
      const child = trie[edge]!;
      if (child < 0) trie[edge] = shorter;
      else {
        suffix[child] = shorter;
        queue.push(child);
      }
    }
  }
}

/** Numbers the states so that those where needles end come last: one comparison tells them. */
function numbered(trie: Int32Array, ends: number[][], width: number, symbols: Uint8Array): Automaton {
  const quiet = ends.reduce((sum, each) => sum + (each.length === 0 ? 1 : 0), 0);
  let nextQuiet = 0;
  let nextHit = quiet;
  const state = ends.map((each) => (each.length === 0 ? nextQuiet++ : nextHit++) * width);
  const next = new Uint32Array(ends.length * width);
  for (const [node, from] of state.entries()) {
    for (let symbol = 0; symbol < width; symbol++) next[from + symbol] = state[trie[node * width + symbol]!]!;
  }
  const hits = ends.filter((each) => each.length > 0);
  return { symbols, width, next, firstHit: quiet * width, hits };
}
