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

/** Bytes that a table may take. Needles that would need more are looked for with several tables. */
const maxTableBytes = 32 << 20;

const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const folded = (byte: number): number => (isUpper(byte) ? byte + 32 : byte);

/** Builds automatons for needles, none of them empty: as few as their tables allow. Needles keep their numbers. */
export function buildAutomatons(needles: readonly Uint8Array[], tableBytes = maxTableBytes): Automaton[] {
  const { symbols, width } = symbolsOf(needles);
  const rows = Math.floor(tableBytes / (width * 4));
  const sorted = needles.map((bytes, needle) => ({ needle, text: Buffer.from(bytes.map(folded)) }));
  sorted.sort((a, b) => Buffer.compare(a.text, b.text));
  const automatons: Automaton[] = [];
  let from = 0;
  let nodes = 1;
  for (const [at, { text }] of sorted.entries()) {
    const shared = at > from ? sharedStart(sorted[at - 1]!.text, text) : 0;
    if (at > from && nodes + text.length - shared > rows) {
      automatons.push(build(sorted.slice(from, at), nodes, symbols, width));
      from = at;
      nodes = 1 + text.length;
    } else nodes += text.length - shared;
  }
  automatons.push(build(sorted.slice(from), nodes, symbols, width));
  return automatons;
}

function sharedStart(left: Uint8Array, right: Uint8Array): number {
  let shared = 0;
  while (shared < left.length && left[shared] === right[shared]) shared++;
  return shared;
}

interface Numbered {
  readonly needle: number;
  readonly text: Uint8Array;
}

function build(needles: readonly Numbered[], nodes: number, symbols: Uint8Array, width: number): Automaton {
  const trie = new Int32Array(nodes * width).fill(-1);
  const ends: number[][] = [[]];
  for (const { needle, text } of needles) {
    let node = 0;
    for (const byte of text) {
      const edge = node * width + symbols[byte]!;
      if (trie[edge]! < 0) trie[edge] = ends.push([]) - 1;
      node = trie[edge]!;
    }
    ends[node]!.push(needle);
  }
  const order = complete(trie, ends, width);
  return numbered(trie, ends, order, width, symbols);
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
function complete(trie: Int32Array, ends: number[][], width: number): number[] {
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
  return [0, ...queue];
}

/**
 * Numbers the states breadth first, so that those that most bytes lead to lie together; those where needles end come last,
 * so that one comparison tells them.
 */
function numbered(
  trie: Int32Array,
  ends: number[][],
  order: readonly number[],
  width: number,
  symbols: Uint8Array,
): Automaton {
  const quiet = ends.reduce((sum, each) => sum + (each.length === 0 ? 1 : 0), 0);
  let nextQuiet = 0;
  let nextHit = quiet;
  const state = new Uint32Array(ends.length);
  const hits: number[][] = [];
  for (const node of order) {
    const found = ends[node]!;
    state[node] = (found.length === 0 ? nextQuiet++ : nextHit++) * width;
    if (found.length > 0) hits.push(found);
  }
  const next = new Uint32Array(ends.length * width);
  for (const [node, from] of state.entries()) {
    for (let symbol = 0; symbol < width; symbol++) next[from + symbol] = state[trie[node * width + symbol]!]!;
  }
  return { symbols, width, next, firstHit: quiet * width, hits };
}
