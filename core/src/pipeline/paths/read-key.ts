/** Reads one own property of an object or one element of an array; undefined when there is none. */
export function readKey(value: unknown, key: string): unknown {
  if (value === null || typeof value !== "object") return undefined;
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined;
  // `__proto__` is the only inherited property of a plain object that is not a function.
  if (key === "__proto__" && !Object.hasOwn(value, key)) return undefined;
  const found = (value as Record<string, unknown>)[key];
  return typeof found === "function" ? undefined : found;
}
