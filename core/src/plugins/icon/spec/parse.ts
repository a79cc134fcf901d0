import { messageOf } from "@vedette/sdk";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import type { Findings, Place } from "../findings.ts";
import { specLimits } from "./limits.ts";
import { isBooleanWord, resolvePlain, type Scalar } from "./scalars.ts";
import type { SpecEntry, SpecMap, SpecNode, SpecScalar } from "./tree.ts";

const start: Place = { line: 1, column: 1 };

/**
 * Reads YAML text into values with their places. Whatever is odd goes to the findings, and nothing throws: of a broken
 * file as much as can be read is used. Undefined when there is no map at all.
 */
export function parseTree(text: string, findings: Findings): SpecMap | undefined {
  const lines = new LineCounter();
  try {
    return read(text, lines, findings);
  } catch (error) {
    // The parser runs out of stack on thousands of brackets.
    findings.add("yaml.limits", start, "", `The file cannot be parsed: ${messageOf(error)}.`);
    return undefined;
  }
}

function read(text: string, lines: LineCounter, findings: Findings): SpecMap | undefined {
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    // Scalars are read by our own rules (scalars.ts); keys that stand twice are told by us.
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
  });
  const document = "empty" in documents ? undefined : documents[0];
  if (documents.length > 1)
    findings.add("yaml.syntax", start, "", "A spec is one YAML document; the first is used.");
  if (!document) {
    findings.add("yaml.syntax", start, "", "The file is empty.");
    return undefined;
  }
  for (const { pos, message } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    findings.add("yaml.syntax", { line, column: col }, "", `${message.split(/ at line |:\n|\n/)[0]}.`);
  }
  for (const { pos, code } of document.warnings) {
    if (code !== "TAG_RESOLVE_FAILED") continue;
    const { line, col } = lines.linePos(pos[0]);
    findings.add("yaml.tag", { line, column: col }, "", "This tag is ignored.");
  }
  const root = new Walk(document, lines, findings).node(document.contents, "", 0);
  if (root?.kind === "map") return root;
  findings.add("spec.shape", root?.place ?? start, "", "A spec is a map of keys.");
  return undefined;
}

/** Turns the nodes of the parser into ours, within the limits. */
class Walk {
  readonly #targets: ReadonlyMap<Alias, unknown>;
  readonly #lines: LineCounter;
  readonly #findings: Findings;
  #left: number = specLimits.values;
  #told = false;

  constructor(document: Document.Parsed, lines: LineCounter, findings: Findings) {
    this.#targets = targetsOf(document);
    this.#lines = lines;
    this.#findings = findings;
  }

  /** `near` is the place of what has no place of its own, such as a value that was left empty. */
  node(node: unknown, path: string, depth: number, near: Place = start): SpecNode | undefined {
    const place = this.#place(node) ?? near;
    if (depth > specLimits.depth || --this.#left < 0) {
      this.#limit(
        place,
        path,
        depth > specLimits.depth ? "nested too deeply" : "more values than a spec may have",
      );
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node, path, depth);
    if (isMap(node)) return this.#map(node, path, depth, place);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.node(item, `${path}[${index}]`, depth + 1));
      return { kind: "list", place, items: items.filter((item) => item !== undefined) };
    }
    return this.#scalar(node, path, place);
  }

  #alias(node: Alias, path: string, depth: number): SpecNode | undefined {
    const target = this.#targets.get(node);
    // A value inside itself ends at the limit of depth.
    if (target) return this.node(target, path, depth + 1);
    this.#findings.add(
      "yaml.syntax",
      this.#place(node) ?? start,
      path,
      `There is no anchor "${node.source.slice(0, 60)}".`,
    );
    return undefined;
  }

  #map(map: YAMLMap, path: string, depth: number, place: Place): SpecMap {
    const entries = new Map<string, SpecEntry>();
    const merged: [string, SpecEntry][] = [];
    for (const pair of map.items) {
      const keyPlace = this.#place(pair.key) ?? place;
      if (!isScalar(pair.key)) {
        this.#findings.add("yaml.key", keyPlace, path, "A key is text; this entry is left out.");
        continue;
      }
      const key = String(pair.key.source ?? pair.key.value ?? "");
      const at = path === "" ? key : `${path}.${key}`;
      const value = this.node(pair.value, at, depth + 1, keyPlace);
      if (!value) continue;
      if (key === "<<" && pair.key.type === "PLAIN") {
        merged.push(...entriesOf(value));
        continue;
      }
      if (entries.has(key))
        this.#findings.add(
          "yaml.duplicate_key",
          keyPlace,
          at,
          `"${key}" stands here a second time; this one counts.`,
        );
      if (pair.key.type === "PLAIN" && isBooleanWord(key)) {
        const message = `YAML 1.1 reads the key ${key} as true or false; it is taken as text.`;
        this.#findings.add("yaml.boolean_key", keyPlace, at, message, `Write "${key}".`);
      }
      entries.set(key, { place: keyPlace, value });
    }
    for (const [key, entry] of merged) if (!entries.has(key)) entries.set(key, entry);
    return { kind: "map", place, entries };
  }

  #scalar(node: unknown, path: string, place: Place): SpecScalar {
    if (!isScalar(node)) return { kind: "scalar", place, text: "", value: null };
    const text = String(node.source ?? node.value ?? "");
    if (node.type !== "PLAIN") return { kind: "scalar", place, text, value: text };
    const { value, oddity } = resolvePlain(text);
    if (oddity !== undefined) this.#odd(oddity, text, place, path);
    return { kind: "scalar", place, text, value: value satisfies Scalar };
  }

  #odd(oddity: "timestamp" | "sexagesimal", text: string, place: Place, path: string): void {
    const as = oddity === "timestamp" ? "a time" : "a number in base 60";
    const message = `YAML 1.1 reads ${text} as ${as}; it is taken as text.`;
    this.#findings.add(`yaml.${oddity}`, place, path, message, `Write "${text}".`);
  }

  /** Told once: a file that breaks a limit breaks it again and again. */
  #limit(place: Place, path: string, why: string): void {
    if (!this.#told)
      this.#findings.add("yaml.limits", place, path, `What follows is left out: it is ${why}.`);
    this.#told = true;
  }

  #place(node: unknown): Place | undefined {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
    if (!range) return undefined;
    const { line, col } = this.#lines.linePos(range[0] ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** What each alias stands for: the nearest anchor of its name before it. One pass, however many there are. */
function targetsOf(document: Document.Parsed): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (isNode(node) && node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** What `<<` brings in: the entries of a map, or of the maps of a list. */
function entriesOf(node: SpecNode): [string, SpecEntry][] {
  const maps = node.kind === "list" ? node.items : [node];
  return maps.flatMap((each) => (each.kind === "map" ? [...each.entries] : []));
}
