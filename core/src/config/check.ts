import type { z } from "zod";
import { ConfigError, type Problem } from "./problem.ts";
import { locate, type Source } from "./source.ts";
import { didYouMean, nearest } from "./suggest.ts";

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a parsed file against a schema. Pure: no I/O. Every problem has its place; unknown keys get a suggestion. */
export function checkConfig<T>(
  schema: z.ZodType<T>,
  source: Source,
  at: readonly PropertyKey[] = [],
): Checked<T> {
  const parsed = schema.safeParse(valueAt(source.value, at), { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, source, at));
  return { ok: false, problems: [...new Map(problems.map((p) => [JSON.stringify(p), p])).values()] };
}

/** Like `checkConfig`, but throws a `ConfigError` with all problems. */
export function requireConfig<T>(schema: z.ZodType<T>, source: Source, at: readonly PropertyKey[] = []): T {
  const checked = checkConfig(schema, source, at);
  if (!checked.ok) throw new ConfigError(checked.problems);
  return checked.value;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], value);

type Issue = z.core.$ZodIssue;

function problemsOf(
  issue: Issue,
  schema: z.ZodType,
  source: Source,
  base: readonly PropertyKey[],
): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path, valueAt(source.value, base));
    return issue.keys.map((key) =>
      problem(source, [...path, key], `Unknown key "${key}".`, didYouMean(key, known), true),
    );
  }
  if (issue.code === "invalid_union" && issue.discriminator !== undefined && "options" in issue) {
    const choices = (issue.options as readonly unknown[]).map(String);
    const written = (issue.input as Record<string, unknown> | undefined)?.[issue.discriminator];
    if (written === undefined)
      return [problem(source, path, `Missing; one of ${choices.join(", ")} is needed.`)];
    return [notOneOf(source, path, written, choices)];
  }
  if (issue.code === "invalid_union") {
    const branch = closestBranch(issue);
    if (branch) {
      return branch.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue, schema, source, base),
      );
    }
  }
  if (issue.code === "invalid_value") {
    return [notOneOf(source, path, issue.input, issue.values.map(String))];
  }
  return [problem(source, path, messageFor(issue))];
}

function notOneOf(
  source: Source,
  path: readonly PropertyKey[],
  written: unknown,
  choices: readonly string[],
): Problem {
  // The message lists all choices already.
  const meant = nearest(String(written ?? ""), choices);
  const suggestion = meant === undefined ? undefined : `Did you mean "${meant}"?`;
  return problem(source, path, `${shown(written)} is not one of ${choices.join(", ")}.`, suggestion);
}

/** Of a union's branches the one that failed deepest, then with the fewest issues, is what was meant. */
function closestBranch(issue: Extract<Issue, { code: "invalid_union" }>): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map((i) => i.path.length));
  const typeMiss = (issues: readonly Issue[]): boolean =>
    issues.every((i) => i.code === "invalid_type" && i.path.length === 0);
  const branches = (issue.errors as readonly (readonly Issue[])[]).filter(
    (issues) => issues.length > 0 && !typeMiss(issues),
  );
  return branches.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
}

function messageFor(issue: Issue): string {
  if (issue.code === "invalid_type") {
    return issue.input === undefined
      ? `Missing; ${article(issue.expected)} is needed.`
      : `${shown(issue.input)} is not ${article(issue.expected)}.`;
  }
  if (issue.code === "too_small" && issue.minimum === 1 && issue.origin === "string")
    return "Empty; text is needed.";
  if (issue.code === "too_small" && issue.minimum === 1 && issue.origin === "array")
    return "Empty; the list needs at least one element.";
  if (issue.code === "invalid_key") return `${issue.issues[0]?.message ?? "This name cannot be used"}.`;
  const message = issue.message.replace(/\.$/, "");
  if (typeof issue.input === "object" && issue.input !== null) return `${message}.`;
  return issue.code === "custom" ? `${message}.` : `${message}, got ${shown(issue.input)}.`;
}

const words: Record<string, string> = {
  record: "map",
  object: "map",
  array: "list",
  string: "text",
  nonoptional: "value",
  int: "whole number",
};
const article = (type: string): string => {
  const word = words[type] ?? type;
  return word === "text" ? word : `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
};
const shown = (input: unknown): string => {
  if (Array.isArray(input)) return "A list";
  if (input !== null && typeof input === "object") return "A map";
  const text = JSON.stringify(input) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function problem(
  source: Source,
  path: readonly PropertyKey[],
  message: string,
  suggestion?: string,
  key = false,
): Problem {
  const { line, column } = locate(source, path, key);
  const base = { file: source.file, line, column, path: pathText(path), message };
  return suggestion ? { ...base, suggestion } : base;
}

/** `a.b[0].c` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    "",
  );

interface Walkable {
  readonly shape?: Record<string, Walkable>;
  readonly element?: Walkable;
  readonly valueType?: Walkable;
  readonly options?: readonly Walkable[];
  readonly in?: Walkable;
  readonly def?: { readonly discriminator?: string };
  readonly values?: ReadonlySet<unknown>;
  unwrap?(): Walkable;
}

/** The keys a schema knows at a path of a value, through wrappers, lists, maps and unions. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  let at = value;
  let nodes: Walkable[] = open(schema as unknown as Walkable, at);
  for (const step of path) {
    at = valueAt(at, [step]);
    nodes = nodes
      .map((node) =>
        typeof step === "number" ? node.element : (node.shape?.[String(step)] ?? node.valueType),
      )
      .filter((node) => node !== undefined)
      .flatMap((node) => open(node, at));
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.shape ?? {})))];
}

function open(node: Walkable, value: unknown): Walkable[] {
  if (node.shape || node.element || node.valueType) return [node];
  if (node.options) return meantOptions(node, value).flatMap((option) => open(option, value));
  if (node.unwrap) return open(node.unwrap(), value);
  return node.in ? open(node.in, value) : [node];
}

/** The options of a union that a value can mean: where a key tells them apart, the one it names. */
function meantOptions({ options = [], def }: Walkable, value: unknown): readonly Walkable[] {
  const key = def?.discriminator;
  if (key === undefined) return options;
  const written = valueAt(value, [key]);
  return options.filter((option) => option.shape?.[key]?.values?.has(written));
}
