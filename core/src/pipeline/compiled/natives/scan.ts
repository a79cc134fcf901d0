import { emitRegex, withoutStart } from "../../regex/index.ts";
import { type Cutter, trimmed } from "../../steps/grok.ts";
import { type Emitter, quoted } from "../emitter.ts";
import { type ScanPart, scanPart } from "./scan-parts.ts";

/** Values of one part that were checked before. */
const maxChecked = 1_024;
/** Longest run of characters that is looked at one by one. */
const maxRun = 128;

/** Tells whether a text is what an expression matches; remembers the answers that were yes. */
function checked(expression: RegExp): (text: string) => boolean {
  const known = new Set<string>();
  return (text) => {
    if (known.has(text)) return true;
    if (!expression.test(text)) return false;
    if (text.length > 256) return true;
    if (known.size >= maxChecked) known.clear();
    known.add(text);
    return true;
  };
}

/** White space as `trim` has it, below the first character beyond ASCII. */
const skip = "while (i < end && ((x = t.charCodeAt(i)) === 32 || x < 14 && x > 8)) i++;";

/** Source that is true for a character code `x` of a set. */
const inSet = (set: readonly number[]): string => {
  const ranges: string[] = [];
  for (let index = 0; index < set.length; index += 2) {
    const [from, to] = [set[index]!, set[index + 1]!];
    ranges.push(from === to ? `x === ${from}` : to > 0xffff ? `x >= ${from}` : `x >= ${from} && x <= ${to}`);
  }
  return ranges.length === 0 ? "false" : ranges.join(" || ");
};

/** Writes the scanning of a text part after part. Where it is not sure it gives up, and the expression decides. */
class ScanWriter {
  readonly #emitter: Emitter;
  #escapes = false;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  /** Statements that move `i` behind the part and, where it is kept, set `value`. */
  #part(part: ScanPart, sticky: () => string, value: string | undefined): string {
    const give = "break scan;";
    switch (part.kind) {
      case "literal":
        return `if (!t.startsWith(${quoted(part.text)}, i)) ${give} ${this.#take(value, `i + ${part.text.length}`)}`;
      case "until": {
        const end =
          part.stop === undefined
            ? "e = end;"
            : `e = t.indexOf(${quoted(part.stop)}, i); if (e < 0) e = end;`;
        return `${end} if (e === i) ${give} ${this.#take(value, "e")}`;
      }
      case "last": {
        const { stop, text } = part;
        const from =
          stop === undefined ? "e = end;" : `e = t.indexOf(${quoted(stop)}, i); if (e < 0) e = end;`;
        return `${from} if (e - ${text.length} < i) ${give} e = t.lastIndexOf(${quoted(text)}, e - ${text.length}); if (e < i) ${give} ${this.#take(value, `e + ${text.length}`)}`;
      }
      case "quoted": {
        this.#escapes = true;
        const quote = quoted(part.quote);
        const behind = part.spaced
          ? `if (e < end && t.charCodeAt(e) !== 32) ${give} ${this.#take(value, "e")} if (e < end) i = e + 1;`
          : this.#take(value, "e");
        return `if (t.charCodeAt(i) !== ${part.quote.charCodeAt(0)}) ${give} e = t.indexOf(${quote}, i + 1); if (e < 0 || escape < e) ${give} e++; ${behind}`;
      }
      case "run": {
        const most = part.max > maxRun ? maxRun + 1 : part.max;
        const loop = `e = i; while (e < end && e - i < ${most} && (x = t.charCodeAt(e), ${inSet(part.set)})) e++;`;
        const long = part.max > maxRun ? `|| e - i > ${maxRun}` : "";
        return `${loop} if (e - i < ${Math.max(1, part.min)} ${long}) ${give} ${this.#take(value, "e")}`;
      }
      case "fixed": {
        const last = this.#emitter.memory("undefined");
        const kept = this.#emitter.memory('""');
        const check = `if (${sticky()} !== i + ${part.length}) ${give} ${last} = b; ${kept} = ${this.#emitter.ref(trimmed)}(b);`;
        const keep = value === undefined ? "" : `${value} = ${kept};`;
        return `b = t.slice(i, i + ${part.length}); if (b !== ${last}) { ${check} } ${keep} i += ${part.length};`;
      }
      case "delimited":
        return this.#delimited(part, value);
      case "expression":
        return `e = ${sticky()}; if (e <= i) ${give} ${this.#take(value, "e")}`;
    }
  }

  #delimited(part: Extract<ScanPart, { kind: "delimited" }>, value: string | undefined): string {
    const { end, open, body } = part;
    const blank = end.trim() === "";
    const test = this.#emitter.ref(checked(new RegExp(`^(?:${emitRegex(body, false)})$`)));
    const last = this.#emitter.memory("undefined");
    const none = open ? "if (e < 0) { e = end; n1 = 0; }" : "if (e < 0) break scan;";
    const find = `e = t.indexOf(${quoted(end)}, i); n1 = 1; ${none} if (e + n1 === i) break scan; b = t.slice(i, e);`;
    // The same object for the same text, so that a column knows it again at once.
    const check = `if (b === ${last}) b = ${last}; else if (${test}(b)) ${last} = b; else break scan;`;
    const clean = "(x = t.charCodeAt(e - 1)) > 32 && x < 127";
    const kept = blank
      ? `${clean} ? b : b.trim()`
      : `n1 === 1 ? b + ${quoted(end)} : ${clean} ? b : b.trim()`;
    const keep = value === undefined ? "" : `${value} = ${kept};`;
    return `${find} ${check} ${keep} i = e + n1;`;
  }

  /** Keeps the text from `i`, where no white space is, to an end, and goes there. */
  #take(value: string | undefined, end: string): string {
    if (value === undefined) return `i = ${end};`;
    const text = `t.slice(i, ${end})`;
    return `x = t.charCodeAt(${end} - 1); ${value} = x > 32 && x < 127 ? ${text} : ${text}.trim(); i = ${end};`;
  }

  write(cutter: Cutter): string | undefined {
    const trees = cutter.parts.map(({ regex }) => regex.compiled.tree && withoutStart(regex.compiled.tree));
    if (!trees.every((tree) => tree !== undefined)) return undefined;
    const parts = trees.map(scanPart);
    if (parts.filter(({ kind }) => kind === "expression").length * 4 > parts.length) return undefined;
    const lines = parts.map((part, index) => {
      const sticky = (): string => {
        const expression = new RegExp(emitRegex(trees[index]!, false), "y");
        const at = (text: string, from: number): number => {
          expression.lastIndex = from;
          return expression.test(text) ? expression.lastIndex : -1;
        };
        return `${this.#emitter.ref(at)}(t, i)`;
      };
      const value = cutter.parts[index]!.target ? `m${index}` : undefined;
      const next = index === 0 ? "" : `${skip} if (i === end) break parts; if (x > 127) break scan;`;
      return `${next} ${this.#part(part, sticky, value)}`;
    });
    const slashes = this.#escapes ? 'let escape = t.indexOf("\\\\"); if (escape < 0) escape = end;' : "";
    return `const end = t.length; let i = 0, e = 0, x = 0, n1 = 0, b = ""; ${slashes} parts: { ${lines.join("\n      ")} } scanned = true;`;
  }
}

/** Source that scans `t` and sets `scanned` and the values `m0`, `m1`, ...; undefined where an expression is better. */
export const writeScan = (emitter: Emitter, cutter: Cutter): string | undefined =>
  new ScanWriter(emitter).write(cutter);
