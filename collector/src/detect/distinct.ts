import type { Column, NumberColumn } from "@vedette/core/batch";

/** The distinct values of a column: `index[row]` points into `values`. */
export interface Distinct {
  readonly index: Uint8Array | Uint16Array | Uint32Array;
  readonly values: readonly unknown[];
  /** Where the column cannot tell an empty text from an absent value, both stand at this place. */
  readonly ambiguous: number;
}

/** Above this many distinct numbers or mixed values, working value by value saves nothing. */
const maxValues = 4_096;

/** Finds the distinct values of a column as rules see them; undefined where it does not pay. */
export function distinctOf(column: Column): Distinct | undefined {
  if (column.kind === "text") {
    const { keys, index } = column.codes();
    return { index, values: keys.map((key) => key || undefined), ambiguous: -1 };
  }
  if (column.kind === "dynamic") {
    const codes = column.codes();
    if (codes) return { index: codes.index, values: codes.keys, ambiguous: codes.keys.indexOf("") };
    return collect(column.rows, (row) => column.value(row));
  }
  // Only numbers that repeat, such as ports and status codes.
  if (column.kind === "number" && column.nativeType === "UInt32") {
    return collectNumbers(column);
  }
  return undefined;
}

/** Codes, +1, of the numbers below its length; empty between two calls. */
const small = new Uint16Array(0x1_0000);

function collectNumbers(column: NumberColumn): Distinct | undefined {
  const values: number[] = [];
  const large = new Map<number, number>();
  const { native, rows } = column;
  const index = new Uint32Array(rows);
  const words =
    native.byteOffset % 4 === 0 && native.length === rows * 4
      ? new Uint32Array(native.buffer, native.byteOffset, rows)
      : undefined;
  let row = 0;
  for (; row < rows; row++) {
    const number = words ? words[row]! : column.number(row);
    let code = number < small.length ? small[number]! - 1 : (large.get(number) ?? -1);
    if (code < 0) {
      if (values.length >= maxValues) break;
      code = values.push(number) - 1;
      if (number < small.length) small[number] = code + 1;
      else large.set(number, code);
    }
    index[row] = code;
  }
  for (const number of values) if (number < small.length) small[number] = 0;
  if (row < rows) return undefined;
  return { index, values: values.map((number) => number || undefined), ambiguous: -1 };
}

function collect(rows: number, value: (row: number) => unknown): Distinct | undefined {
  const known = new Map<unknown, number>();
  const index = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const each = value(row);
    let code = known.get(each);
    if (code === undefined) {
      if (known.size >= maxValues || (typeof each === "object" && each !== null)) return undefined;
      code = known.size;
      known.set(each, code);
    }
    index[row] = code;
  }
  return { index, values: [...known.keys()], ambiguous: -1 };
}
