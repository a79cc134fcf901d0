export { compilePath, escapeSegment, MAX_DEPTH, type Path, pathOf, splitPath, walk } from "./path.ts";
export { PathError } from "./path-error.ts";
export { isQueryPath } from "./query.ts";
export { readKey } from "./read-key.ts";
export {
  compileWrite,
  deletePath,
  type JsonObject,
  jsonText,
  sanitizeName,
  sanitizeValue,
  setPath,
  textOf,
} from "./write.ts";
