/** A text or number for a terminal, empty for anything else. Log text may hold terminal escapes; a person's terminal must not obey them. */
export const plain = (value: unknown): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  textOf(value).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "·");

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
