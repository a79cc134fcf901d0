import { headerFields } from "../cef/parse.ts";

/** A LEEF record: its header fields and its attributes. */
export interface Leef {
  readonly version: string;
  readonly vendor: string;
  readonly product: string;
  readonly productVersion: string;
  readonly eventId: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Keys that stand more than once; the first one was kept. */
  readonly repeated: readonly string[];
}

/** Most attributes of one record. */
export const MAX_ATTRIBUTES = 1024;

const START = /LEEF: ?([12])\.0\|/;
const HEX = /^(?:0x|\\?x)([0-9A-Fa-f]{1,4})$/;

/** The delimiter that a header of version 2 names: one character or its code; undefined when the field is no delimiter. */
function delimiterOf(field: string): string | undefined {
  if (field === "") return "\t";
  const code = HEX.exec(field)?.[1];
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return [...field].length === 1 ? field : undefined;
}

function parseAttributes(text: string, delimiter: string): Pick<Leef, "attributes" | "repeated"> {
  const attributes = new Map<string, string>();
  const repeated: string[] = [];
  let from = 0;
  for (let count = 0; from <= text.length; count++) {
    if (count >= MAX_ATTRIBUTES) throw new Error(`More than ${MAX_ATTRIBUTES} attributes.`);
    const found = text.indexOf(delimiter, from);
    const end = found < 0 ? text.length : found;
    const equals = text.indexOf("=", from);
    if (equals > from && equals < end) {
      const key = text.slice(from, equals).trim();
      if (attributes.has(key)) repeated.push(key);
      else attributes.set(key, text.slice(equals + 1, end).trim());
    }
    from = end + delimiter.length;
  }
  return { attributes, repeated };
}

/** Reads a LEEF record of version 1.0 or 2.0, with or without something before it. Undefined when there is none. */
export function parseLeef(text: string): Leef | undefined {
  const start = START.exec(text);
  if (!start) return undefined;
  const fields = headerFields(text, start.index + start[0].length, 4);
  if (!fields) return undefined;
  const [vendor, product, productVersion, eventId, rest] = fields as [string, string, string, string, string];
  const bar = start[1] === "2" ? rest.indexOf("|") : -1;
  // Some products of version 2 leave the field of the delimiter out.
  const delimiter = bar < 0 ? undefined : delimiterOf(rest.slice(0, bar).trim());
  const body = delimiter === undefined ? rest : rest.slice(bar + 1);
  return {
    version: `${start[1]}.0`,
    vendor,
    product,
    productVersion,
    eventId,
    ...parseAttributes(body, delimiter ?? "\t"),
  };
}
