import { didYouMean } from "@vedette/core/config";
import { SigmaFault } from "./fault.ts";
import { isComparison } from "./tests.ts";
import { isTimePart } from "./time-parts.ts";

/** What the modifiers of a field ask for. */
export interface Modifiers {
  /** Changes to values, in the order they are written. */
  readonly changes: readonly Change[];
  readonly before: boolean;
  readonly after: boolean;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly kind: "text" | "re" | "cidr" | "exists" | "fieldref" | "number" | "time";
  /** Flags of a regular expression. */
  readonly flags: string;
  /** `gt` and its like. */
  readonly comparison: string | undefined;
  readonly timePart: string | undefined;
  /** As they are written. */
  readonly names: readonly string[];
}

export type Change = "windash" | "base64" | "base64offset" | "utf16le" | "utf16be" | "utf16" | "expand";

const changes: Readonly<Record<string, Change>> = {
  windash: "windash",
  base64: "base64",
  base64offset: "base64offset",
  utf16le: "utf16le",
  wide: "utf16le",
  utf16be: "utf16be",
  utf16: "utf16",
  expand: "expand",
};
const flagNames: Readonly<Record<string, string>> = {
  i: "i",
  ignorecase: "i",
  m: "m",
  multiline: "m",
  s: "s",
  dotall: "s",
};
const kinds: ReadonlySet<string> = new Set(["re", "cidr", "exists", "fieldref"]);

export const modifierNames: readonly string[] = [
  ...["contains", "startswith", "endswith", "all", "cased", "neq", "re", "i", "m", "s", "cidr", "exists"],
  ...["fieldref", "gt", "gte", "lt", "lte", "minute", "hour", "day", "week", "month", "year"],
  ...Object.keys(changes),
];

/** Reads the modifiers behind a field name. Throws a `SigmaFault` for one that is unknown or does not go with the others. */
export function parseModifiers(names: readonly string[], path: readonly PropertyKey[]): Modifiers {
  const found = { before: false, after: false, all: false, cased: false, negated: false };
  const done: Change[] = [];
  let kind = "text" as Modifiers["kind"];
  let flags = "";
  let comparison: string | undefined;
  let timePart: string | undefined;
  const become = (next: Modifiers["kind"], name: string): void => {
    if (kind !== "text" && !(kind === "time" && next === "number"))
      throw new SigmaFault(path, `The modifier "${name}" does not go with "${kind}".`);
    if (kind === "text") kind = next;
  };
  for (const name of names) {
    const change = Object.hasOwn(changes, name) ? changes[name] : undefined;
    const flag = Object.hasOwn(flagNames, name) ? flagNames[name] : undefined;
    if (change) done.push(change);
    else if (name === "contains") found.before = found.after = true;
    else if (name === "startswith") found.after = true;
    else if (name === "endswith") found.before = true;
    else if (name === "all" || name === "cased") found[name] = true;
    else if (name === "neq") found.negated = true;
    else if (kinds.has(name)) become(name as Modifiers["kind"], name);
    else if (isComparison(name)) {
      become("number", name);
      comparison = name;
    } else if (isTimePart(name)) {
      become("time", name);
      timePart = name;
    } else if (flag) {
      if (kind !== "re") throw new SigmaFault(path, `The modifier "${name}" stands behind "re" only.`);
      flags += flag;
    } else {
      const meant = didYouMean(name, modifierNames);
      throw new SigmaFault(path, `There is no modifier "${name}".`, meant);
    }
  }
  const anchors = found.before || found.after;
  if (anchors && kind !== "text" && kind !== "fieldref")
    throw new SigmaFault(path, `"contains", "startswith" and "endswith" do not go with "${kind}".`);
  const encodes = done.filter((change) => change !== "expand");
  if (encodes.length > 0 && kind !== "text")
    throw new SigmaFault(path, `The modifier "${encodes[0]}" does not go with "${kind}".`);
  if (found.cased && kind !== "text" && kind !== "fieldref")
    throw new SigmaFault(path, `The modifier "cased" does not go with "${kind}".`);
  return { ...found, changes: done, kind, flags, comparison, timePart, names };
}
