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

const emptyKeys = [""];

/** Finds the distinct values of a column that has no dictionary. */
export function codesOf(rows: number, text: (row: number) => string): Codes {
  const byText = new Map<string, number>([["", 0]]);
  const index = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = text(row);
    let key = byText.get(value);
    if (key === undefined) {
      key = byText.size;
      byText.set(value, key);
    }
    index[row] = key;
  }
  return { keys: byText.size === 1 ? emptyKeys : [...byText.keys()], index };
}
