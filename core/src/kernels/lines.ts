/** Words of a row: start of the line, its text from and to, and its end just past the newline. */
export const rowWords = 4;
/** Rows that are looked at together. */
export const rowCapacity = 8_192;

/**
 * Takes bytes of a file apart into lines and puts their texts together as a column. Made once for an input; everything it
 * gives is void with the next call of the same kind.
 */
export interface Lines {
  /** To read a file into. */
  readonly buffer: Buffer;
  /** Of the last `split`, `rowWords` numbers each: offsets from where it began. May be changed before the other calls. */
  readonly rows: Uint32Array;
  /** Where in the buffer the last `split` began. */
  readonly begin: number;
  /** Where the last `split` stopped, as an offset from where it began. */
  readonly consumed: number;
  /** Bytes of the longest text that the last `split` found. */
  readonly longest: number;
  /** Bytes of lines without text that the last `split` passed over. */
  readonly passed: number;
  /** Whether all bytes that the last `split` came by are ASCII: up to where it stopped, and some behind it where the rows were full. */
  readonly ascii: boolean;
  /**
   * Finds the lines in `[from, to)` of the buffer, of which the last ends with a newline, up to `rowCapacity` of them, and
   * gives the number of those that have text. Lines without text are passed over; zeros before a text and a carriage return behind it are
   * not part of it.
   */
  split(from: number, to: number): number;
  /**
   * Whether `count` rows from `first` on lie as `blocks` packs them: just a newline behind each text, and the next one behind that. Sets
   * `stringBytes`.
   */
  isDense(first: number, count: number): boolean;
  /** Bytes that the texts of the last `isDense` take as ClickHouse Strings. */
  readonly stringBytes: number;
  /**
   * Hands on the texts of `count` rows from `first` on, each with a newline behind it, in pieces of whole texts and of at most `pieceBytes`; a
   * text that does not fit comes alone.
   */
  pieces(first: number, count: number, use: (bytes: Uint8Array) => void): void;
  /**
   * Packs the texts of `count` rows from `first` on where they lie, and hands on blocks, one or more at a time: each of whole texts with
   * a newline behind each, behind two words of 32 bits, its size with `mark` added and the size that it takes. Packed blocks are smaller than what is in them;
   * others are kept as they are. `isDense` has said that they lie so, and with their newlines they fit a block each.
   */
  blocks(first: number, count: number, mark: number, use: (blocks: Uint8Array) => void): void;
}
