import type { z } from "zod";

interface Node {
  readonly def: {
    readonly type: string;
    readonly shape?: Readonly<Record<string, Node>>;
    readonly catchall?: Node;
    readonly element?: Node;
    readonly valueType?: Node;
    readonly innerType?: Node;
    readonly in?: Node;
    readonly out?: Node;
    readonly left?: Node;
    readonly right?: Node;
    readonly rest?: Node | null;
    readonly items?: readonly Node[];
    readonly options?: readonly Node[];
    readonly getter?: () => Node;
  };
  meta?(): { readonly vedette?: { readonly secret?: boolean } } | undefined;
}

/**
 * Where the secrets of a schema are, by their declared type: `{ vedette: { secret: true } }` in the metadata. Dotted paths;
 * `*` stands for any key of a map or place in a list, and a dot or star that is part of a key is written `\.` and `\*`. A
 * schema that is a secret itself has the path "". Throws a TypeError where secrets repeat without end.
 */
export function secretPaths(schema: z.ZodType): string[] {
  const found = new Set<string>();
  const above = new Set<Node>();
  const endless = new Set<Node>();
  const walk = (node: Node, path: readonly string[]): void => {
    if (node.meta?.()?.vedette?.secret === true) {
      found.add(path.join("."));
      return;
    }
    if (above.has(node)) {
      endless.add(node);
      return;
    }
    above.add(node);
    const before = found.size;
    for (const [step, child] of childrenOf(node)) walk(child, step === undefined ? path : [...path, step]);
    above.delete(node);
    if (endless.has(node) && found.size > before)
      throw new TypeError(
        "A schema that contains itself cannot hold secrets: there would be no end of them.",
      );
  };
  walk(schema as unknown as Node, []);
  return [...found];
}

const escaped = (key: string): string => key.replaceAll(/[\\.*]/g, "\\$&");

/** What is below a schema, and by which step; undefined where it is about the same value. */
function childrenOf({ def }: Node): [string | undefined, Node][] {
  const same = [def.innerType, def.in, def.out, def.left, def.right, ...(def.options ?? [])];
  const many = [
    ...[def.catchall, def.element, def.valueType, def.rest ?? undefined],
    // The places of a tuple are few and told apart seldom: all of them count as secret where one is.
    ...(def.items ?? []),
  ];
  const lazy = def.type === "lazy" ? def.getter?.() : undefined;
  return [
    ...[...same, lazy].flatMap((child) => (isNode(child) ? [[undefined, child] as [undefined, Node]] : [])),
    ...many.flatMap((child) => (isNode(child) ? [["*", child] as [string, Node]] : [])),
    ...Object.entries(def.shape ?? {}).map(([key, child]): [string, Node] => [escaped(key), child]),
  ];
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "def" in value;

/** The steps of a path, as written. */
function stepsOf(path: string): string[] {
  if (path === "") return [];
  const steps = [""];
  for (const [part] of path.matchAll(/\\?./gsu)) {
    if (part === ".") steps.push("");
    else steps.push(steps.pop() + part);
  }
  return steps;
}

type Change = (secret: unknown, at: string) => unknown;

/**
 * A copy of a value in which everything at secret paths was replaced; `at` is the place of each, as a path without `*`.
 * What the change turns into undefined is left out. A secret that is not there is not asked about.
 */
export function mapSecrets(value: unknown, paths: readonly string[], change: Change): unknown {
  return mapAt(value, paths.map(stepsOf), [], change);
}

function mapAt(
  value: unknown,
  paths: readonly (readonly string[])[],
  at: readonly string[],
  change: Change,
): unknown {
  if (paths.length === 0 || value === undefined) return value;
  if (paths.some((path) => path.length === 0)) return change(value, at.join("."));
  if (typeof value !== "object" || value === null) return value;
  const below = (key: string): unknown => {
    const step = escaped(key);
    const left = paths.filter(([first]) => first === step || first === "*").map((path) => path.slice(1));
    return mapAt((value as Record<string, unknown>)[key], left, [...at, step], change);
  };
  if (Array.isArray(value)) return value.map((_, index) => below(String(index)));
  // Keys are defined, not assigned: "__proto__" is a key like any other.
  const copy = Object.keys(value).map((key): [string, unknown] => [key, below(key)]);
  return Object.fromEntries(copy.filter(([, each]) => each !== undefined));
}

/** The keys, from the outside in, of a path without `*`. */
export const placeSteps = (path: string): string[] =>
  stepsOf(path).map((step) => step.replaceAll(/\\(.)/gsu, "$1"));

/** The other way round: a value with secrets put to their places, which are paths without `*`. Changes the value. */
export function putSecrets(value: unknown, secrets: Readonly<Record<string, unknown>>): unknown {
  let whole = value;
  for (const [path, secret] of Object.entries(secrets)) {
    const steps = placeSteps(path);
    const last = steps.pop();
    if (last === undefined) {
      whole = secret;
      continue;
    }
    const at = steps.reduce<unknown>((node, step) => (isObject(node) ? node[step] : undefined), whole);
    if (!isObject(at)) continue;
    Object.defineProperty(at, last, { value: secret, enumerable: true, writable: true, configurable: true });
  }
  return whole;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
