/** Kinds of values in the slots of a block. */
export const kind = { absent: 0, text: 1, number: 2, boolean: 3, null: 4, tree: 5 } as const;

/** True for a text that may stand in a line of a block. */
export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
