/** What a column will have, as far as that is known from the batch before: it need not grow step by step. */
export interface Expected {
  /** Bytes of its texts. */
  readonly bytes: number;
  readonly rows: number;
}

export const unknownSize: Expected = { bytes: 0, rows: 0 };
