import { type JsonObject, sanitizeName, setPath } from "../../paths/index.ts";
import { matchAt } from "./header.ts";

/** Most elements of structured data, and most parameters of one element, that are read. */
export const MAX_PARTS = 256;

const ELEMENT = /\[([^\s=\]"]{1,64})/y;
// A value ends at its first quote that has no backslash before it.
const PARAMETER = / ([^\s=\]"]{1,64})="([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y;

/** Where structured data that begins at an offset ends; -1 when it is none. `-` is empty structured data. */
export function endOfStructuredData(text: string, start: number): number {
  if (text[start] === "-") return start + 1;
  let at = start;
  for (let count = 0; text[at] === "[" && count < MAX_PARTS; count++) {
    const end = endOfElement(text, at);
    if (end < 0) break;
    at = end;
  }
  return at > start && (at === text.length || text[at] === " ") ? at : -1;
}

function endOfElement(text: string, start: number): number {
  const open = matchAt(ELEMENT, text, start);
  if (!open) return -1;
  let at = start + open[0].length;
  for (let count = 0; count < MAX_PARTS; count++) {
    const parameter = matchAt(PARAMETER, text, at);
    if (!parameter) break;
    at += parameter[0].length;
  }
  return text[at] === "]" ? at + 1 : -1;
}

function put(object: JsonObject, name: string, value: string): void {
  const known = object[name];
  // RFC 5424 allows a parameter more than once.
  if (known === undefined) object[name] = value;
  else object[name] = Array.isArray(known) ? [...known, value] : [known, value];
}

/** The elements of well-formed structured data by their sanitized names: `{id: {name: value}}`. */
export function parseStructuredData(text: string): JsonObject {
  const data: JsonObject = {};
  let at = 0;
  while (at < text.length) {
    const open = matchAt(ELEMENT, text, at);
    if (!open) break;
    at += open[0].length;
    const element: JsonObject = {};
    for (let parameter = matchAt(PARAMETER, text, at); parameter; parameter = matchAt(PARAMETER, text, at)) {
      at += parameter[0].length;
      const name = sanitizeName(parameter[1]!).join("_");
      if (name !== "") put(element, name, parameter[2]!.replace(/\\(["\\\]])/g, "$1"));
    }
    const id = sanitizeName(open[1]!);
    if (id.length > 0) setPath(data, [id.join("_")], element);
    at++;
  }
  return data;
}
