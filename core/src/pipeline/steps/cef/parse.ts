/** A CEF record: its seven header fields and its extension, escapes resolved. */
export interface Cef {
  readonly version: string;
  readonly vendor: string;
  readonly product: string;
  readonly deviceVersion: string;
  readonly eventClass: string;
  readonly name: string;
  readonly severity: string;
  readonly extension: ReadonlyMap<string, string>;
  /** Keys that stand more than once; the first one was kept. */
  readonly repeated: readonly string[];
}

/** Most keys of one extension. */
export const MAX_KEYS = 1024;

const START = /CEF: ?(\d{1,2})\|/;

/** Cuts a header at its unescaped bars; the last piece is what follows the last of them. Undefined when one is missing. */
export function headerFields(text: string, start: number, count: number): string[] | undefined {
  const fields: string[] = [];
  let from = start;
  let escaped = false;
  for (let at = start; at < text.length && fields.length < count; at++) {
    const char = text[at];
    if (char === "\\") {
      escaped = true;
      at++;
    } else if (char === "|") {
      const field = text.slice(from, at);
      fields.push((escaped ? field.replace(/\\([\\|])/g, "$1") : field).trim());
      from = at + 1;
      escaped = false;
    }
  }
  if (fields.length < count) return undefined;
  fields.push(text.slice(from));
  return fields;
}

const ESCAPE = /\\([\\=nr|])/g;
const unescaped = (text: string): string =>
  text.includes("\\")
    ? text.replace(ESCAPE, (_whole, char: string) => (char === "n" ? "\n" : char === "r" ? "\r" : char))
    : text;

// A key stands behind white space; an equals sign behind anything else, or behind a backslash, belongs to a value.
const KEY = /(?:^|\s)([\w.\-[\]]{1,256})=/g;

/** The keys and values of an extension. Values may hold spaces: each goes on to the next key. */
export function parseExtension(text: string): Pick<Cef, "extension" | "repeated"> {
  const extension = new Map<string, string>();
  const repeated: string[] = [];
  let key: string | undefined;
  let from = 0;
  const close = (end: number): void => {
    if (key === undefined) return;
    if (extension.has(key)) repeated.push(key);
    else extension.set(key, unescaped(text.slice(from, end).trim()));
  };
  for (const match of text.matchAll(KEY)) {
    close(match.index);
    if (extension.size >= MAX_KEYS) throw new Error(`More than ${MAX_KEYS} keys.`);
    key = match[1]!;
    from = match.index + match[0].length;
  }
  close(text.length);
  return { extension, repeated };
}

/** Reads a CEF record of version 0 or 1, with or without something before it, such as a syslog header. Undefined when there is none. */
export function parseCef(text: string): Cef | undefined {
  const start = START.exec(text);
  if (!start) return undefined;
  const fields = headerFields(text, start.index + start[0].length, 6);
  if (!fields) return undefined;
  const [vendor, product, deviceVersion, eventClass, name, severity, rest] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    version: start[1]!,
    vendor,
    product,
    deviceVersion,
    eventClass,
    name,
    severity,
    ...parseExtension(rest),
  };
}
