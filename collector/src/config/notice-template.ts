import { type Piece, plainValue } from "@vedette/sdk";

/** A template that cannot be read; the message says where. */
export class TemplateFault extends Error {}

type Part = { readonly text: string } | { readonly path: string };

/** Lines of text and paths of values. */
export type Template = readonly (readonly Part[])[];

const mostLines = 40;
const path = /^[@A-Za-z_][\w@-]*(\.[\w@-]+)*$/;

/** Reads text in which `{{path}}` stands for a value. Throws `TemplateFault`. */
export function parseTemplate(text: string): Template {
  const lines = text.replace(/\n+$/, "").split(/\r?\n/);
  if (lines.length > mostLines) throw new TemplateFault(`A text has at most ${mostLines} lines`);
  return lines.map((line, index) => parseLine(line, index + 1));
}

function parseLine(line: string, number: number): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < line.length; ) {
    const open = line.indexOf("{{", at);
    if (open < 0) {
      parts.push({ text: line.slice(at) });
      break;
    }
    if (open > at) parts.push({ text: line.slice(at, open) });
    const close = line.indexOf("}}", open);
    if (close < 0) throw new TemplateFault(`Line ${number}, column ${open + 1}: "{{" has no "}}"`);
    const inside = line.slice(open + 2, close).trim();
    if (!path.test(inside))
      throw new TemplateFault(`Line ${number}, column ${open + 3}: expected a path such as adversary.ip`);
    parts.push({ path: inside });
    at = close + 2;
  }
  return parts;
}

/** The pieces of each line; what is not there is empty. */
export const fillTemplate = (template: Template, lookup: (path: string) => unknown): Piece[][] =>
  template.map((line) =>
    line.map((part) => ("text" in part ? part.text : { value: plainValue(lookup(part.path) ?? "") })),
  );
