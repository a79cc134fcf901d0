import { type Distinct, distinctValues } from "../kernels/index.ts";

/** The distinct values of a text column: `index[row]` points into `keys`. Predicates and look-ups run once per key. */
export interface Codes {
  readonly keys: readonly string[];
  readonly index: Uint8Array | Uint16Array | Uint32Array;
}

/** The values of a column as they lie in its bytes, for work that needs no strings. */
export interface Texts {
  readonly bytes: Buffer;
  /** Value `i` is the UTF-8 from `bounds[2 * i]` up to, not including, `bounds[2 * i + 1]`. */
  readonly bounds: Uint32Array;
  /** Number of values. */
  readonly count: number;
  /** The value of a row; undefined where row and value have the same number. */
  readonly index: Codes["index"] | undefined;
}

interface Base {
  /** Dotted path in the event, such as `origin.ip` or `log.method`. */
  readonly path: string;
  readonly rows: number;
  /** The row's value as protojson would print it; undefined where the row is empty. */
  value(row: number): unknown;
  /** Whether the row has a value. */
  has(row: number): boolean;
  /** The column's bytes as ClickHouse Native, without name and type. */
  readonly native: Uint8Array;
}

export interface TextColumn extends Base {
  readonly kind: "text";
  readonly nativeType: string;
  /** The row's text, empty where there is none. */
  text(row: number): string;
  /** Computed on first use where the column has no dictionary of its own. */
  codes(): Codes;
  /** An empty value is an absent one. */
  texts(): Texts;
}

export interface NumberColumn extends Base {
  readonly kind: "number";
  readonly nativeType: string;
  /** The row's number, 0 where there is none; milliseconds since 1970 for times. */
  number(row: number): number;
}

export interface TextsColumn extends Base {
  readonly kind: "texts";
  readonly nativeType: string;
}

/** A path below `log.` or a rare schema field. */
export interface DynamicColumn extends Base {
  readonly kind: "dynamic";
  /** Type names in the order of the index bytes. */
  readonly types: readonly string[];
  codes(): Codes | undefined;
  /** Undefined where not every value is text. Rows without a value have an empty one; whether they are absent is not told. */
  texts(): Texts | undefined;
}

export type Column = TextColumn | NumberColumn | TextsColumn | DynamicColumn;

/** The same values, each once where many are equal; as they are where most differ. */
export function withoutRepeats(texts: Texts): Texts {
  const distinct = distinctValues(texts, texts.count >>> 1);
  if (!distinct) return texts;
  const index = texts.index ? remap(texts.index, distinct.index) : distinct.index;
  return { ...texts, bounds: boundsOf(texts, distinct), count: distinct.firsts.length, index };
}

const boundsOf = ({ bounds }: Texts, { firsts }: Distinct): Uint32Array => {
  const own = new Uint32Array(firsts.length * 2);
  for (const [at, first] of firsts.entries()) {
    own[at * 2] = bounds[first * 2]!;
    own[at * 2 + 1] = bounds[first * 2 + 1]!;
  }
  return own;
};

/** The distinct values of texts as strings; the empty one comes first, whether or not there is one. */
export function codesOf(texts: Texts): Codes {
  const { bytes, bounds, count } = texts;
  const text = (value: number): string => bytes.toString("utf8", bounds[value * 2], bounds[value * 2 + 1]);
  const distinct = distinctValues(texts, count);
  if (!distinct) return codesByText(texts, text);
  const codes = new Uint32Array(distinct.firsts.length);
  const keys = [""];
  for (const [number, first] of distinct.firsts.entries()) {
    codes[number] = bounds[first * 2] === bounds[first * 2 + 1] ? 0 : keys.push(text(first)) - 1;
  }
  const values = remap(distinct.index, codes);
  return { keys, index: texts.index ? remap(texts.index, values) : values };
}

/** Where the values are too many to be told apart by their bytes. */
function codesByText({ count, index }: Texts, text: (value: number) => string): Codes {
  const byText = new Map<string, number>([["", 0]]);
  const values = new Uint32Array(count);
  for (let value = 0; value < count; value++) {
    const each = text(value);
    let key = byText.get(each);
    if (key === undefined) {
      key = byText.size;
      byText.set(each, key);
    }
    values[value] = key;
  }
  return {
    keys: [...byText.keys()],
    index: index ? remap(index, values) : values,
  };
}

/** What each number of an index stands for. A plain loop: `map` and `from` cost several times as much a row. */
export function remap(index: Codes["index"], meanings: Uint32Array): Uint32Array {
  const { length } = index;
  const mapped = new Uint32Array(length);
  for (let row = 0; row < length; row++) mapped[row] = meanings[index[row]!]!;
  return mapped;
}
