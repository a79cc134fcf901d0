/** A string literal of ClickHouse SQL. For statements that take no parameters; queries bind theirs. */
export const literal = (value: string): string =>
  `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** A quoted name of ClickHouse SQL. */
export const quotedName = (name: string): string =>
  `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
