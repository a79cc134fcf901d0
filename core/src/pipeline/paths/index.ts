export { compilePath, escapeSegment, MAX_DEPTH, type Path, pathOf, readKey, splitPath } from "./path.ts";
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
