import { CutKernel, type CutPart } from "../../../kernels/index.ts";
import { type Compiled, noMatch, withoutStart } from "../../regex/index.ts";
import type { Cutter } from "../../steps/grok.ts";
import type { Emitter } from "../emitter.ts";
import type { Slot } from "../layout.ts";
import { bytesAt, isBlank } from "../slices.ts";
import { type ScanPart, scanPart } from "./scan-parts.ts";

/** Source that is true for a byte `x` of a set. */
const inSet = (set: readonly number[]): string => {
  const ranges: string[] = [];
  for (let index = 0; index < set.length && set[index]! < 128; index += 2) {
    const [from, to] = [set[index]!, set[index + 1]!];
    ranges.push(from === to ? `x === ${from}` : to > 127 ? `x >= ${from}` : `x >= ${from} && x <= ${to}`);
  }
  return ranges.length === 0 ? "false" : ranges.join(" || ");
};

const miss = "{ got = 2; break scan; }";
/** To the first byte of its kind, or to the end. */
const seek = (stop: string | undefined): string =>
  stop === undefined ? "e = end;" : `e = i; while (e < end && bytes[e] !== ${stop.charCodeAt(0)}) e++;`;

/** Statements that set `e` to the end of a part that begins at `i`; where it does not match they miss. */
function partSource(emitter: Emitter, part: ScanPart): string {
  switch (part.kind) {
    case "literal":
      return `e = i + ${part.text.length}; if (e > end || !(${bytesAt(emitter, "i", part.text)})) ${miss}`;
    case "until":
      return `${seek(part.stop)} if (e === i) ${miss}`;
    case "last": {
      const { text, stop, bare } = part;
      const find = `${seek(stop)} e = lastOf(i, e, ${emitter.ref(Buffer.from(text))});`;
      if (bare === undefined) return `${find} if (e < 0) ${miss}`;
      return `${find} if (e < 0) { e = i + ${bare.length}; if (e > end || !(${bytesAt(emitter, "i", bare)})) ${miss} }`;
    }
    case "quoted": {
      const quote = part.quote.charCodeAt(0);
      const escaped = `if (x === 92 && (++e >= end || bytes[e] === 10)) ${miss}`;
      const loop = `for (e = i + 1; e < end && (x = bytes[e]) !== ${quote}; e++) ${escaped}`;
      const behind = part.spaced ? `if (e < end) { if (bytes[e] !== 32) ${miss} e++; }` : "";
      return `if (bytes[i] !== ${quote}) ${miss} ${loop} if (e >= end) ${miss} e++; ${behind}`;
    }
    case "run": {
      const bound = Number.isFinite(part.max) ? `e - i < ${part.max} && ` : "";
      const loop = `e = i; while (e < end && ${bound}(x = bytes[e], ${inSet(part.set)})) e++;`;
      return `${loop} if (e - i < ${Math.max(1, part.min)}) ${miss}`;
    }
    case "automaton": {
      const find = `e = ${emitter.ref(part.automaton)}.find(bytes, i, end);`;
      return `${find} if (e <= i) { if (e >= ${noMatch}) got = 2; break scan; }`;
    }
  }
}

/** By expression, so that what one program makes of an automaton all know. */
const known = new WeakMap<Compiled, ScanPart | undefined>();

/** An expression as a scan; undefined where it has no such form. */
export function scanOf(compiled: Compiled): ScanPart | undefined {
  if (!known.has(compiled)) known.set(compiled, compiled.tree && scanPart(withoutStart(compiled.tree)));
  return known.get(compiled);
}

/** The parts of a cutter as scans. Undefined where one has no such form. */
function scanParts({ parts }: Cutter): ScanPart[] | undefined {
  const found = parts.flatMap(({ regex: { compiled } }) => scanOf(compiled) ?? []);
  return found.length === parts.length ? found : undefined;
}

/** The same for kernels; undefined where one is not ASCII. */
function partsOf(parts: readonly ScanPart[], cutter: Cutter): CutPart[] | undefined {
  const cuts = parts.map((part, index): CutPart => {
    const keep = cutter.parts[index]!.target !== undefined;
    if (part.kind !== "run") return { ...part, keep };
    const has = new Uint8Array(256);
    for (let at = 0; at < part.set.length; at += 2)
      has.fill(1, part.set[at], Math.min(part.set[at + 1]!, 127) + 1);
    return { ...part, has, keep };
  });
  return cuts.every((cut) => !("text" in cut) || /^[\0-\x7f]*$/.test(cut.text)) ? cuts : undefined;
}

/** The parts of a cutter for kernels. Undefined where one has no such form. */
export function cutParts(cutter: Cutter): CutPart[] | undefined {
  const parts = scanParts(cutter);
  return parts && partsOf(parts, cutter);
}

/** A kernel that does what the scan of these parts does. */
function kernelOf(parts: readonly ScanPart[], cutter: Cutter): CutKernel | undefined {
  const cuts = partsOf(parts, cutter);
  return cuts && CutKernel.open(cuts);
}

/**
 * Source that cuts the slice of a slot and sets `got`: 1 where it was cut, from `m0a` to `m0b` and so on, -1 being an end that
 * was not reached; 2 where it does not match; 0 where it cannot say. Undefined where parts have no such form.
 */
export function writeScan(emitter: Emitter, cutter: Cutter, source: Slot): string | undefined {
  const parts = scanParts(cutter);
  if (!parts) return undefined;
  const lines = parts.map((part, index) => {
    const next =
      index === 0
        ? ""
        : `while (i < end && (x = bytes[i], ${isBlank})) i++; if (i === end) { got = 1; break scan; }`;
    const keep = cutter.parts[index]!.target ? `m${index}a = i; m${index}b = trimEnd(i, e);` : "";
    return `${next} ${partSource(emitter, part)} ${keep} i = e;`;
  });
  const { name, path, written } = source;
  const ends = cutter.parts.flatMap(({ target }, index) =>
    target ? [`m${index}a = 0, m${index}b = -1`] : [],
  );
  // The whole line, at the very start: it may have been cut together with others.
  const first = path[0] === "raw" && !written && !emitter.conditional && emitter.ahead === undefined;
  if (first) emitter.ahead = kernelOf(parts, cutter);
  return `let ${["got = 0", ...ends].join(", ")};
    ${first && emitter.ahead ? cutAhead(emitter, emitter.ahead, cutter) : ""} if (${name} === slice) scan: {
      const bytes = B; let i = trimStart(${name}a, ${name}b), e = 0, x = 0; const end = trimEnd(i, ${name}b);
      if (i === end) ${miss}
      ${lines.join("\n      ")}
      got = 1;
    }`;
}

/** Source that takes what a kernel has found; what it could not say is scanned. */
function cutAhead(emitter: Emitter, kernel: CutKernel, cutter: Cutter): string {
  const results = emitter.ref(kernel.results);
  const kept = cutter.parts.flatMap(({ target }, index) => (target ? [index] : []));
  const ends = kept.map((part, at) => {
    const from = `cutAt + ${1 + at * 2}`;
    return `m${part}a = ${results}[${from}]; m${part}b = ${results}[${from} + 1] | 0;`;
  });
  return `if (cutAt >= 0 && (got = ${results}[cutAt]) !== 0) { if (got === 1) { ${ends.join(" ")} } } else`;
}
