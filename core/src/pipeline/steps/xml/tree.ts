import { SaxesParser } from "saxes";
import { type JsonObject, sanitizeName } from "../../paths/index.ts";

/** Deepest element that is read. */
export const MAX_ELEMENT_DEPTH = 64;
/** Most elements and attributes of one document. */
export const MAX_NODES = 10_000;

interface Frame {
  readonly name: string;
  readonly content: JsonObject;
  /** Value of the attribute `Name`, which names an element `Data` of a Windows event. */
  label: string;
  text: string;
  filled: boolean;
}

/** The name of an element or attribute as a key: without its namespace, dots as underscores. Empty when nothing is left. */
const keyOf = (name: string): string => sanitizeName(name.slice(name.indexOf(":") + 1)).join("_");

function put(frame: Frame, key: string, value: unknown): void {
  if (key === "") return;
  const known = frame.content[key];
  frame.filled = true;
  if (known === undefined) frame.content[key] = value;
  else if (Array.isArray(known)) known.push(value);
  else frame.content[key] = [known, value];
}

/** What an element becomes: its text, or an object of its attributes and elements, with `text` where it has some. */
function contentOf(frame: Frame): unknown {
  const text = frame.text.trim();
  if (!frame.filled) return text;
  if (text !== "") put(frame, "text", text);
  return frame.content;
}

const isNamespace = (name: string): boolean => name === "xmlns" || name.startsWith("xmlns:");

/**
 * Reads an XML document as an object with one key, its root element. Throws where it is not well-formed, has a document
 * type or is too deep or large. No entity but the five of XML and character references is known.
 */
export function parseXml(text: string): JsonObject {
  const parser = new SaxesParser({ position: false });
  const stack: Frame[] = [{ name: "", content: {}, label: "", text: "", filled: false }];
  let nodes = 0;
  const count = (): void => {
    if (++nodes > MAX_NODES) throw new Error(`more than ${MAX_NODES} elements and attributes`);
  };
  parser.on("doctype", () => {
    throw new Error("a document type is not accepted");
  });
  parser.on("opentag", ({ name, attributes }) => {
    count();
    if (stack.length > MAX_ELEMENT_DEPTH) throw new Error(`nested deeper than ${MAX_ELEMENT_DEPTH} elements`);
    const frame: Frame = { name: keyOf(name), content: {}, label: "", text: "", filled: false };
    for (const [attribute, value] of Object.entries(attributes)) {
      if (isNamespace(attribute)) continue;
      count();
      if (frame.name === "Data" && attribute === "Name") frame.label = keyOf(value);
      else put(frame, keyOf(attribute), value);
    }
    stack.push(frame);
  });
  const addText = (more: string): void => {
    stack.at(-1)!.text += more;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const frame = stack.pop()!;
    put(stack.at(-1)!, frame.label || frame.name, contentOf(frame));
  });
  parser.write(text.trimStart()).close();
  return stack[0]!.content;
}
