const tactic = /^attack\.([a-z][a-z_-]+)$/;

/** The first ATT&CK tactic among tags such as `attack.credential-access`, in words. */
export function tacticOf(tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const found = tactic.exec(tag.toLowerCase())?.[1];
    if (found) return found.replaceAll(/[_-]/g, " ").replace(/^./, (first) => first.toUpperCase());
  }
  return undefined;
}

/** Numbers of the ATT&CK techniques that tags such as `attack.t1110.003` name. */
export const techniquesOf = (tags: readonly string[]): string =>
  tags
    .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase())
    .filter((each) => each !== undefined)
    .join(", ");
