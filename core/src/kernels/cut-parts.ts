/** An automaton that is made while it runs, as tables. */
export interface CutAutomaton {
  /** Grows whenever the tables change. */
  readonly version: number;
  /** By state × 128 + byte: the next state × 2, and 1 more where a match ends there; 0 is dead, 1 is not known yet. */
  readonly next: Uint16Array;
  /** By state: 1 where a match ends at the end of the text. */
  readonly endings: Uint8Array;
  readonly start: number;
}

/** How a part of a line is found, as `ScanPart` has it; `keep`: where it begins and ends is wanted. */
export type CutPart = { readonly keep: boolean } & (
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "until"; readonly stop: string | undefined }
  | {
      readonly kind: "last";
      readonly text: string;
      readonly stop: string | undefined;
      readonly bare: string | undefined;
    }
  | { readonly kind: "quoted"; readonly quote: string; readonly spaced: boolean }
  /** `has`: by byte, 1 where it is in the set. */
  | { readonly kind: "run"; readonly has: Uint8Array; readonly min: number; readonly max: number }
  | { readonly kind: "automaton"; readonly automaton: CutAutomaton }
);

/** Words of a part in a program of `assembly/shared/parts.ts`. */
export const partWords = 8;
/** Most states of an automaton. */
export const mostStates = 256;

/** What stands in place of a byte where there is none. */
const none = 256;
const code = (char: string | undefined): number => char?.charCodeAt(0) ?? none;

/** Where the tables of an automaton lie. */
export interface TablePlace {
  readonly next: number;
  readonly endings: number;
}

/** The words of a part. `put` lays bytes into the kernel's memory and gives their place, `table` the tables of an automaton. */
export function partProgram(
  part: CutPart,
  put: (bytes: Uint8Array) => number,
  table: (automaton: CutAutomaton) => TablePlace,
): number[] {
  const text = (word: string | undefined): [number, number] =>
    word === undefined ? [0, 0] : [put(Buffer.from(word, "latin1")), word.length];
  const own = (): number[] => {
    switch (part.kind) {
      case "literal":
        return [1, ...text(part.text)];
      case "until":
        return [2, code(part.stop)];
      case "last":
        return [3, ...text(part.text), code(part.stop), ...text(part.bare)];
      case "quoted":
        return [4, code(part.quote), part.spaced ? 1 : 0];
      case "run":
        return [5, put(part.has), Math.max(1, part.min), Math.min(part.max, 0xffff_ffff)];
      case "automaton": {
        const { next, endings } = table(part.automaton);
        return [6, next, part.automaton.start, endings];
      }
    }
  };
  const [kind = 0, ...rest] = own();
  return [kind, part.keep ? 1 : 0, ...rest];
}
