import { mapSecrets } from "@vedette/sdk";

const mark = "[redacted]";
/** A shorter text would be found in words that say nothing. */
const shortest = 6;
/** Lines of a secret of several lines that are looked for by themselves, as of a private key. */
const shortestLine = 20;
const maxForms = 20_000;
const maxDepth = 12;

/**
 * Takes secrets out of what leaves the process: log lines, problem details, debug bundles. It knows secrets by their text,
 * from when they were opened or set, and in the forms that they usually take: in JSON, in a URL, in base64, in a header for
 * basic authentication. Texts of fewer than 6 characters are only found at declared paths.
 */
export class Redactor {
  /** In the order of being known, for the bound. */
  readonly #forms = new Set<string>();
  #longestFirst: readonly string[] | undefined;

  /** Remembers a secret: every text in the value. */
  know(secret: unknown): void {
    for (const text of textsOf(secret, 0)) {
      for (const form of formsOf(text)) {
        if (form.length < shortest || this.#forms.has(form)) continue;
        if (this.#forms.size >= maxForms) this.#forms.delete(this.#forms.values().next().value!);
        this.#forms.add(form);
        this.#longestFirst = undefined;
      }
    }
  }

  /** Remembers the secrets of settings, by their declared paths, and what a header for basic authentication makes of them. */
  knowAt(settings: unknown, paths: readonly string[]): void {
    mapSecrets(settings, paths, (secret) => {
      this.know(secret);
      return undefined;
    });
    for (const pair of paths.length > 0 ? loginsOf(settings, 0) : []) this.know(pair);
  }

  /** The text without secrets. */
  readonly text = (text: string): string => {
    this.#longestFirst ??= [...this.#forms].sort((a, b) => b.length - a.length);
    let clean = text;
    for (const form of this.#longestFirst) if (clean.includes(form)) clean = clean.replaceAll(form, mark);
    return clean;
  };

  /** A copy of plain data without secrets: what is at the declared paths, whatever it is, and every known text elsewhere. */
  value(value: unknown, paths: readonly string[] = []): unknown {
    return this.#plain(
      mapSecrets(value, paths, () => mark),
      0,
    );
  }

  #plain(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= maxDepth) return mark;
    if (value instanceof Error) return { name: value.name, message: this.text(value.message) };
    if (Array.isArray(value)) return value.map((each) => this.#plain(each, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [this.text(key), this.#plain(each, depth + 1)]),
    );
  }
}

/** What a header for basic authentication makes of each user and password. */
function* loginsOf(value: unknown, depth: number): Generator<string> {
  if (typeof value !== "object" || value === null || depth >= maxDepth) return;
  const { username, password } = value as { username?: unknown; password?: unknown };
  if (typeof username === "string" && typeof password === "string") yield `${username}:${password}`;
  for (const each of Object.values(value)) yield* loginsOf(each, depth + 1);
}

/** Every text of a value. */
function* textsOf(value: unknown, depth: number): Generator<string> {
  if (typeof value === "string") yield value;
  if (typeof value !== "object" || value === null || depth >= maxDepth) return;
  for (const each of Object.values(value)) yield* textsOf(each, depth + 1);
}

function* formsOf(text: string): Generator<string> {
  const inJson = (each: string): string => JSON.stringify(each).slice(1, -1);
  yield text;
  yield inJson(text);
  yield inJson(inJson(text));
  if (text.length < shortest) return;
  if (text.isWellFormed()) yield encodeURIComponent(text);
  yield new URLSearchParams({ x: text }).toString().slice(2);
  const base64 = Buffer.from(text).toString("base64");
  yield base64;
  yield base64.replace(/=+$/, "");
  yield Buffer.from(text).toString("base64url");
  const lines = text.split(/\r?\n/);
  if (lines.length > 1)
    for (const line of lines) if (line.length >= shortestLine) yield* [line, inJson(line)];
}
