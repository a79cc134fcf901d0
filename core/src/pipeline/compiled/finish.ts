import { severities } from "@vedette/sdk";
import { parseTime } from "../../batch/index.ts";
import { MAX_FIELDS } from "../bound-log.ts";
import { coerce, severityOf, unfit } from "../coerce.ts";
import { eventTree } from "../event-tree.ts";
import { textOf } from "../paths/index.ts";
import { givenSource, slotValue } from "./bridge.ts";
import type { Emitter } from "./emitter.ts";
import { IsoTimes } from "./iso-bytes.ts";
import { given, kinds, type Slot } from "./layout.ts";
import { weigh } from "./weigh.ts";

/** Statements of one function at most: larger ones take long to be optimised. */
const writesAtOnce = 8;

/** Milliseconds of a time; undefined for an empty one, NaN for what is none. */
function timeOf(value: unknown): number | undefined {
  const text = coerce("time", value);
  if (text === unfit) return Number.NaN;
  return text === undefined ? undefined : parseTime(text as string);
}

/** A severity of any word that means one; `unfit` where it means none. */
function severityFor(value: unknown): unknown {
  return value === null || value === "" ? undefined : (severityOf(textOf(value)) ?? unfit);
}

const coercers = {
  text: (value: unknown) => coerce("text", value),
  u32: (value: unknown) => coerce("u32", value),
  u64: (value: unknown) => coerce("u64", value),
  f64: (value: unknown) => coerce("f64", value),
  texts: (value: unknown) => coerce("texts", value),
} as const;

/** When a slot surely holds what its column takes, as source. */
const fitting = {
  text: (s: string) => `typeof ${s} === "string"`,
  u32: (s: string) => `typeof ${s} === "number" && ${s} >>> 0 === ${s}`,
  u64: () => "false",
  f64: (s: string) => `typeof ${s} === "number" && ${s} - ${s} === 0`,
  texts: () => "false",
} as const;

/**
 * Writes the end of a row: every value in the form of its column, as `toEvent` and the batch would make it. `check()` says false
 * where the columns do not take a value, before anything is written; `finish()` writes.
 */
export class FinishWriter {
  readonly checks: string[] = [];
  readonly writes: string[] = [];
  /** Paths of the columns, by the number that the source has for them. */
  readonly paths: string[] = [];
  readonly #emitter: Emitter;
  #logFields = 0;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  #add(path: string, value: string): string {
    const at = this.paths.push(path) - 1;
    return `(c[${at}] ?? open(${at})).add(row, ${value});`;
  }

  /** A statement that adds a text where there is one, which may be a slice. */
  #addText(path: string, { name: s, sliced }: Slot): string {
    const at = this.paths.push(path) - 1;
    const column = `(c[${at}] ?? openText(${at}))`;
    const whole = `if (${s} !== undefined && ${s} !== "") ${column}.add(row, ${s});`;
    if (!sliced) return whole;
    return `if (${s} === slice) { if (${s}b > ${s}a) ${column}.addSlice(row, B, ${s}a, ${s}b); } else ${whole}`;
  }

  /** Makes a text of a slice, for what takes values as they are. */
  #whole(slot: Slot): void {
    if (slot.sliced) this.checks.push(`${slot.name} = ${slotValue(slot)};`);
  }

  /** `writesDataSource`: the row's source is not always the log's. */
  write(writesDataSource: boolean, withRest: boolean): void {
    const { whole, split } = this.#emitter.layout;
    if (!whole.has("deviceTime")) this.writes.push(this.#add("deviceTime", "log.time"));
    this.writes.push(
      `if (tenantName !== undefined && tenantName !== "") ${this.#add("tenantName", "tenantName")}`,
    );
    if (writesDataSource && !whole.get("dataSource"))
      this.writes.push(`if (log.dataSource !== "") ${this.#add("dataSource", "log.dataSource")}`);
    for (const [name, slot] of whole) this.#topLevel(name, slot, writesDataSource);
    const log = split.get("log");
    this.#logFields = log?.size ?? 0;
    for (const [first, fields] of split)
      for (const [second, slot] of fields) {
        if (slot.types === kinds.absent) continue;
        if (first === "log") this.#logField(second, slot);
        else this.#field(first, second, slot);
      }
    if (withRest) {
      this.checks.push("if (names.count > 0) weight += names.weight();");
      this.writes.push("if (names.count > 0) names.write(bound.named, bound.writer, row);");
    }
    this.checks.unshift(`let weight = ${this.#logFields};`);
    this.checks.push(`if (weight > ${MAX_FIELDS}) return false;`);
    this.writes.push(
      `if (log.flaw !== undefined || errors !== undefined && errors.length > 0) ${this.#add("errors", "log.flaw === undefined ? errors : [log.flaw, ...(errors ?? [])]")}`,
    );
  }

  #slowWhere(test: string): void {
    this.checks.push(`if (${test}) return false;`);
  }

  #topLevel(name: string, slot: Slot, writesDataSource: boolean): void {
    const { name: s, types } = slot;
    if (name === "@timestamp" || name === "raw") return;
    const isText = (eventTree.get(name)?.kind ?? "text") === "text" && name !== "severity";
    const isTime = eventTree.get(name)?.kind === "time";
    if ((!isText && !isTime) || given.has(name) || name === "tenantName" || name === "agentId")
      this.#whole(slot);
    if (name === "id" || name === "dataType" || name === "tenantId") {
      if (slot.written) this.#slowWhere(`${s} !== undefined && ${s} !== ${givenSource(name)}`);
      return;
    }
    if (name === "dataSource") {
      if (!writesDataSource) return;
      this.#coerced(slot, "text");
      const value = `${s} === undefined || ${s} === "" ? log.dataSource : ${s}`;
      this.writes.push(`v = ${value}; if (v !== "") ${this.#add("dataSource", "v")}`);
      return;
    }
    if (types === kinds.absent && name !== "deviceTime") return;
    const kind = eventTree.get(name)?.kind;
    if (name === "tenantName") this.#slowWhere(`${s} !== undefined && ${s} !== tenantName`);
    else if (name === "severity") this.#severity(s);
    else if (name === "agentId") this.#coerced(slot, "text");
    else if (kind === undefined || kind === "json" || name === "errors")
      this.#slowWhere(`${s} !== undefined`);
    else this.#leaf(name, kind, slot);
  }

  #field(first: string, second: string, slot: Slot): void {
    const kind = eventTree.get(first)?.children.get(second)?.kind;
    if (kind !== "text" && kind !== "time") this.#whole(slot);
    if (kind === undefined || kind === "json") this.#slowWhere(`${slot.name} !== undefined`);
    else this.#leaf(`${first}.${second}`, kind, slot);
  }

  #coerced({ name: s, types, sliced }: Slot, kind: keyof typeof coercers): void {
    if (kind === "text" && (types & ~(kinds.text | kinds.slice | kinds.absent)) === 0) return;
    const convert = `v = ${this.#emitter.ref(coercers[kind])}(${s}); if (v === unfit) return false; ${s} = v;`;
    const other = sliced && kind === "text" ? ` && ${s} !== slice` : "";
    this.checks.push(`if (${s} !== undefined${other} && !(${fitting[kind](s)})) { ${convert} }`);
  }

  #leaf(path: string, kind: "text" | "u32" | "u64" | "f64" | "time" | "texts", slot: Slot): void {
    const { name: s } = slot;
    if (kind === "time") {
      this.#time(path, slot);
      return;
    }
    this.#coerced(slot, kind);
    if (kind === "text") {
      this.writes.push(this.#addText(path, slot));
      return;
    }
    const empty = kind === "u32" || kind === "f64" ? ` && ${s} !== 0` : "";
    this.writes.push(`if (${s} !== undefined${empty}) ${this.#add(path, s)}`);
  }

  #time(path: string, slot: Slot): void {
    const { name: s, sliced } = slot;
    const read = `v = ${this.#emitter.ref(timeOf)}(${s}); if (v !== v) return false; ${s}_text = ${s}; ${s}_ms = v;`;
    const others = `if (${s} !== ${s}_text) { ${read} }`;
    if (sliced) {
      const iso = `${this.#emitter.ref(new IsoTimes())}.read(B, ${s}a, ${s}b)`;
      const known = `${s} === slice && (v = ${iso}) === v`;
      this.checks.push(
        `if (${known}) { ${s}_text = slice; ${s}_ms = v; } else { ${s} = ${slotValue(slot)}; ${others} }`,
      );
    } else this.checks.push(others);
    this.writes.push(
      path === "deviceTime"
        ? this.#add(path, `${s}_ms ?? log.time`)
        : `if (${s}_ms !== undefined) ${this.#add(path, `${s}_ms`)}`,
    );
  }

  #severity(s: string): void {
    const known = severities.map((word) => `${s} !== ${JSON.stringify(word)}`).join(" && ");
    const convert = `v = ${this.#emitter.ref(severityFor)}(${s}); if (v === unfit) return false; ${s} = v;`;
    this.checks.push(`if (${s} !== undefined && ${known}) { ${convert} }`);
    this.writes.push(`if (${s} !== undefined) ${this.#add("severity", s)}`);
  }

  #logField(name: string, slot: Slot): void {
    const { name: s, types } = slot;
    const add = this.#addText(`log.${name}`, slot);
    if ((types & kinds.other) === 0) {
      this.writes.push(add);
      return;
    }
    const object = `typeof ${s} === "object" && ${s} !== null`;
    this.checks.push(
      `if (${slot.sliced ? `${s} !== slice && ` : ""}${object}) weight += ${this.#emitter.ref(weigh)}(${s}, 2);`,
    );
    const below = `bound.writer.below(${JSON.stringify(name)}, ${s}, row);`;
    const isObject = slot.sliced ? `${s} !== slice && ${object}` : object;
    this.writes.push(`if (${isObject} && !Array.isArray(${s})) ${below} else if (${s} !== null) { ${add} }`);
  }

  /** The functions `check` and `finish`, with what they remember from row to row. */
  get source(): string {
    const names = [...this.#emitter.layout.slots].map(({ name }) => name);
    const used = names.filter((name) => this.checks.some((check) => check.includes(`${name}_text`)));
    const memory = used.map((name) => `var ${name}_text = undefined, ${name}_ms = undefined;`);
    const parts: string[] = [];
    for (let at = 0; at < this.writes.length; at += writesAtOnce)
      parts.push(this.writes.slice(at, at + writesAtOnce).join("\n  "));
    const functions = parts.map((part, at) => `function finish${at}(c) { let v; ${part} }`);
    return `${memory.join(" ")}
function check() { let v; ${this.checks.join("\n  ")} return true; }
${functions.join("\n")}
function finish() { const c = bound.columns; ${parts.map((_, at) => `finish${at}(c);`).join(" ")} }`;
  }
}
