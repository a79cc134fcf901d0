import { type JsonObject, sanitizeName, setPath } from "../paths/index.ts";

/** Where keys of a log go: `log`, made when it is not there or is no object. */
export function logOf(root: JsonObject): JsonObject {
  const log = root.log;
  if (typeof log === "object" && log !== null && !Array.isArray(log)) return log as JsonObject;
  const made: JsonObject = {};
  root.log = made;
  return made;
}

/** Sets a value under a name that came with a log; false where nothing is left of the name. */
export function putKey(container: JsonObject, name: string, value: unknown): boolean {
  const segments = sanitizeName(name);
  if (segments.length === 1) container[segments[0]!] = value;
  else if (segments.length > 1) setPath(container, segments, value);
  return segments.length > 0;
}
