/** True where a dot-namespaced name is one of the patterns, in which `*` stands for any run of characters. No patterns: all. */
export function matchesType(patterns: readonly string[] | undefined, name: string): boolean {
  if (patterns === undefined) return true;
  return patterns.some((pattern) => {
    const [first = "", ...rest] = pattern.split("*");
    if (rest.length === 0) return pattern === name;
    if (!name.startsWith(first)) return false;
    let at = first.length;
    const last = rest.pop() ?? "";
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  });
}
