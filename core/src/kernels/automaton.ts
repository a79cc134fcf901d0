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

/** Steps between which others may have their turn take some milliseconds at most. */
const nodesAStep = 2_048;

/** Builds automatons for needles, none of them empty: as few as their tables allow. Needles keep their numbers. */
export const buildAutomatons = (needles: readonly Uint8Array[], tableBytes?: number): Automaton[] =>
  whole(automatonSteps(needles, tableBytes));

/** The same, step by step. */
export function* automatonSteps(
  needles: readonly Uint8Array[],
  tableBytes = maxTableBytes,
): Generator<void, Automaton[]> {
  const { symbols, width } = symbolsOf(needles);
  const rows = Math.floor(tableBytes / (width * 4));
  const sorted = needles.map((bytes, needle) => ({ needle, text: foldedText(bytes) }));
  yield;
  sorted.sort((a, b) => Buffer.compare(a.text, b.text));
  yield;
  const automatons: Automaton[] = [];
  let from = 0;
  let nodes = 1;
  for (const [at, { text }] of sorted.entries()) {
    const shared = at > from ? sharedStart(sorted[at - 1]!.text, text) : 0;
    if (at > from && nodes + text.length - shared > rows) {
      automatons.push(yield* build(sorted.slice(from, at), nodes, symbols, width));
      from = at;
      nodes = 1 + text.length;
    } else nodes += text.length - shared;
  }
  automatons.push(yield* build(sorted.slice(from), nodes, symbols, width));
  return automatons;
}

/** Takes all steps of a work at once. */
export function whole<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function foldedText(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes);
  for (let at = 0; at < text.length; at++) text[at] = folded(text[at]!);
  return text;
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

/** The needles are sorted. In the trie 0 stands for no edge: none leads back to the first node. */
function* build(
  needles: readonly Numbered[],
  nodes: number,
  symbols: Uint8Array,
  width: number,
): Generator<void, Automaton> {
  const trie = new Uint32Array(nodes * width);
  const ends: (number[] | undefined)[] = new Array(nodes);
  let count = 1;
  for (const [at, { needle, text }] of needles.entries()) {
    if (at % nodesAStep === 0) yield;
    let node = 0;
    for (const byte of text) {
      const edge = node * width + symbols[byte]!;
      if (trie[edge] === 0) trie[edge] = count++;
      node = trie[edge]!;
    }
    const own = ends[node];
    if (own) own.push(needle);
    else ends[node] = [needle];
  }
  const order = yield* complete(trie, ends, width, count);
  return yield* numbered(trie, ends, order, width, symbols);
}

/** The needles that end in each node; nothing for most. */
type Ends = (readonly number[] | undefined)[];

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
function* complete(
  trie: Uint32Array,
  ends: Ends,
  width: number,
  count: number,
): Generator<void, Uint32Array> {
  const suffix = new Uint32Array(count);
  const order = new Uint32Array(count);
  let known = 1;
  for (let symbol = 0; symbol < width; symbol++) if (trie[symbol]! > 0) order[known++] = trie[symbol]!;
  for (let at = 1; at < known; at++) {
    if (at % nodesAStep === 0) yield;
    const node = order[at]!;
    const inherited = ends[suffix[node]!];
    if (inherited) {
      const own = ends[node];
      // Shared where a node has none of its own; nothing changes them any more.
      ends[node] = own ? [...own, ...inherited] : inherited;
    }
    const row = node * width;
    const shorterRow = suffix[node]! * width;
    for (let symbol = 0; symbol < width; symbol++) {
      const child = trie[row + symbol]!;
      const shorter = trie[shorterRow + symbol]!;
      if (child === 0) trie[row + symbol] = shorter;
      else {
        suffix[child] = shorter;
        order[known++] = child;
      }
    }
  }
  return order;
}

/**
 * Numbers the states breadth first, so that those that most bytes lead to lie together; those where needles end come last,
 * so that one comparison tells them.
 */
function* numbered(
  trie: Uint32Array,
  ends: Ends,
  order: Uint32Array,
  width: number,
  symbols: Uint8Array,
): Generator<void, Automaton> {
  let quiet = 0;
  for (const node of order) if (!ends[node]) quiet++;
  let nextQuiet = 0;
  let nextHit = quiet;
  const state = new Uint32Array(order.length);
  const hits: (readonly number[])[] = [];
  for (const node of order) {
    const found = ends[node];
    state[node] = (found ? nextHit++ : nextQuiet++) * width;
    if (found) hits.push(found);
  }
  const next = new Uint32Array(order.length * width);
  for (let node = 0; node < order.length; node++) {
    if (node % nodesAStep === 0) yield;
    const row = node * width;
    const from = state[node]!;
    for (let symbol = 0; symbol < width; symbol++) next[from + symbol] = state[trie[row + symbol]!]!;
  }
  return { symbols, width, next, firstHit: quiet * width, hits };
}
