/** Values as bytes: number `i` is `bytes` from `bounds[2 * i]` to `bounds[2 * i + 1]`, one behind the other. */
export interface Haystack {
  readonly bytes: Uint8Array;
  readonly bounds: Uint32Array;
  readonly count: number;
}

/** Which of some values are equal. */
export interface Distinct {
  /** For each value the number of its distinct value, in the order of their first coming. */
  readonly index: Uint32Array;
  /** For each distinct value the first that has it. */
  readonly firsts: Uint32Array;
}

/** Calls `use` with stretches of values that together have at most `mostBytes`; a value that is longer comes alone. */
export function eachStretch(
  { bounds, count }: Haystack,
  mostValues: number,
  mostBytes: number,
  use: (from: number, to: number, long: boolean) => boolean,
): void {
  for (let from = 0; from < count; ) {
    const start = bounds[from * 2]!;
    let to = from;
    while (to < count && to - from < mostValues && bounds[to * 2 + 1]! - start <= mostBytes) to++;
    const long = to === from;
    if (long) to++;
    if (!use(from, to, long)) return;
    from = to;
  }
}
