/** What a history search looks at. */
export interface Target {
  /** Data types by name or with `*`; empty where only alerts are searched. */
  readonly dataTypes: readonly string[];
  readonly alerts: boolean;
}

/** The suffix every daily index of the original ends with. */
const daily = /-(\*|\d{4}[.\d*-]*)$/;

/**
 * The target of a search. An index pattern is a comma-separated list of `v11-log-<dataType>-*` and `v11-alert-*`;
 * `v11-log-firewall-*` also covers `firewall-cisco`, because there the star stands for the rest of the name.
 * Undefined where a pattern names neither logs nor alerts.
 */
export function targetOf(
  request: { readonly indexPattern?: string | undefined; readonly dataType?: string | undefined },
  ownTypes: readonly string[],
): Target | undefined {
  if (request.dataType !== undefined) return { dataTypes: [request.dataType], alerts: false };
  const patterns = (request.indexPattern ?? "").split(",").map((each) => each.trim());
  const named = patterns.filter((each) => each !== "");
  if (named.length === 0) return { dataTypes: [...ownTypes], alerts: false };
  const dataTypes = new Set<string>();
  let alerts = false;
  for (const pattern of named) {
    const [, kind, rest = ""] = /^(?:v\d+-)?(log|alert)s?(?:-(.+))?$/.exec(pattern) ?? [];
    if (kind === undefined) return undefined;
    if (kind === "alert") alerts = true;
    else if (rest === "" || /^[*.\d-]+$/.test(rest)) dataTypes.add("*");
    else {
      const name = rest.replace(daily, "");
      dataTypes.add(name);
      if (rest.endsWith("-*") && !name.endsWith("*")) dataTypes.add(`${name}-*`);
    }
  }
  return { dataTypes: [...dataTypes], alerts };
}

/** A test for data types from names with `*`. */
export function covers(dataTypes: readonly string[]): (dataType: string) => boolean {
  const exact = new Set(dataTypes.filter((each) => !each.includes("*")));
  const globs = dataTypes.filter((each) => each.includes("*")).map((each) => each.split("*"));
  return (dataType) => exact.has(dataType) || globs.some((parts) => matchesGlob(dataType, parts));
}

/** Linear: every part is looked for once, left to right. */
function matchesGlob(text: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
