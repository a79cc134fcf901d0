import { specLimits } from "./limits.ts";

/** Types that are built in, by the name the schema of this module knows them by. */
const builtin = {
  string: "string",
  text: "string",
  integer: "integer",
  int: "integer",
  number: "number",
  float: "number",
  boolean: "boolean",
  bool: "boolean",
  object: "object",
  array: "array",
  date: "date",
  "date-time": "date",
  bytes: "bytes",
  password: "password",
  python: "python",
  file: "file",
  credential_username_password: "credential_username_password",
  credential_secret_key: "credential_secret_key",
  credential_token: "credential_token",
  credential_asymmetric_key: "credential_asymmetric_key",
} as const;

export type BuiltinType = (typeof builtin)[keyof typeof builtin];

/** The type of a field. `unknown` takes any value. */
export type IconType =
  | { readonly kind: "builtin"; readonly name: BuiltinType }
  | { readonly kind: "list"; readonly of: IconType }
  | { readonly kind: "custom"; readonly name: string }
  | { readonly kind: "unknown"; readonly name: string };

/** Names of all built-in types. */
export const builtinNames: readonly string[] = Object.keys(builtin);

export const isBuiltin = (name: string): boolean => Object.hasOwn(builtin, name);

/** Reads `string`, `[]T`, `[][]T` or the name of a custom type. */
export function readType(text: string, custom: { has(name: string): boolean }, depth = 0): IconType {
  if (text.startsWith("[]")) {
    if (depth >= specLimits.listDepth) return { kind: "unknown", name: text };
    return { kind: "list", of: readType(text.slice(2), custom, depth + 1) };
  }
  if (isBuiltin(text)) return { kind: "builtin", name: builtin[text as keyof typeof builtin] };
  return custom.has(text) ? { kind: "custom", name: text } : { kind: "unknown", name: text };
}

/** The type inside all its lists. */
export const innermost = (type: IconType): Exclude<IconType, { kind: "list" }> =>
  type.kind === "list" ? innermost(type.of) : type;
