import type { z } from "zod";
import { splitPath } from "../../paths/index.ts";
import { type Patterns, searchRegex } from "../../patterns/index.ts";
import { Automaton } from "../../regex/index.ts";
import { type cast, converters } from "../../steps/cast.ts";
import { trimmed } from "../../steps/grok.ts";
import { compileRewrite, type reformat } from "../../steps/reformat.ts";
import { compileCut, type trim } from "../../steps/trim.ts";
import { type Emitter, quoted } from "../emitter.ts";
import { kinds, type Slot } from "../layout.ts";
import { sliceEnds, sliceHolds, sliceStarts } from "../slices.ts";
import { eachField, textSource } from "./fields.ts";
import type { MakeNative } from "./native.ts";

const made: Readonly<Record<z.infer<typeof cast>["to"], number>> = {
  int: kinds.number | kinds.text,
  int64: kinds.number | kinds.text,
  float: kinds.number,
  float64: kinds.number,
  string: kinds.text,
  bool: kinds.boolean,
  "[]string": kinds.other,
};

/** A short run of digits, which most numbers of a log are, without an expression. */
function shortInteger(value: unknown): unknown {
  if (typeof value === "string" && value.length > 0 && value.length < 10) {
    let number = 0;
    for (let index = 0; index < value.length; index++) {
      const digit = value.charCodeAt(index) - 48;
      if (digit < 0 || digit > 9) return undefined;
      number = number * 10 + digit;
    }
    return number;
  }
  return undefined;
}

const quick = (convert: (value: unknown) => unknown) => (value: unknown) =>
  shortInteger(value) ?? convert(value);
const quickInteger = quick(converters.int);
const quickFloat = quick(converters.float);

const convertersOf: typeof converters = {
  ...converters,
  int: quickInteger,
  int64: quickInteger,
  float: quickFloat,
  float64: quickFloat,
};

const isNumber = (to: z.infer<typeof cast>["to"]): boolean => to.startsWith("int") || to.startsWith("float");

export const nativeCast: MakeNative<z.infer<typeof cast>> = ({ fields, to }) => ({
  paths: fields.map(splitPath),
  emit: (emitter, miss) => {
    const convert = emitter.ref(convertersOf[to]);
    return eachField(emitter, fields, miss, true, ({ slot }) => {
      const value = `${convert}(v)`;
      if (!slot || !isNumber(to)) return { value, types: made[to] };
      // A short run of digits is a number without having been a text.
      const { name } = slot;
      const number = `${name} === slice && (d = digits(${name}a, ${name}b)) >= 0`;
      return { value: `${number} ? d : ${convert}(${name}r())`, types: made[to], readsItself: true };
    });
  },
});

/** The text of a slice; the same object as long as the bytes are the same, so that what was made of it is known. */
function lastText(emitter: Emitter, { name }: Slot): string {
  const kept = emitter.memory('""');
  const bytes = emitter.memory("new Uint8Array(64)");
  const same = `${kept}.length === ${name}b - ${name}a && holdsFirst(${name}a, ${bytes}, ${kept}.length)`;
  return `${same} ? ${kept} : (${name}b - ${name}a <= 64 ? (${bytes}.set(B.subarray(${name}a, ${name}b)), ${kept} = ${name}r()) : ${name}r())`;
}

/** Source that is true where a slice may hold what is to be cut out of it. */
function mayHold(
  emitter: Emitter,
  slot: Slot,
  kind: "substring" | "regex",
  substring: string,
  patterns: Patterns,
): string {
  if (kind === "substring") return sliceHolds(emitter, slot, substring);
  const { tree } = searchRegex(substring, patterns);
  const automaton = tree && Automaton.of(tree, true);
  return automaton ? `${emitter.ref(automaton)}.test(B, ${slot.name}a, ${slot.name}b) !== false` : "true";
}

/** Statements that cut a slice; where something goes from its middle, it becomes a text. */
function cutSlice(
  emitter: Emitter,
  slot: Slot,
  { function: kind, substring }: z.infer<typeof trim>,
  patterns: Patterns,
  cut: unknown,
): string {
  const { name } = slot;
  const [a, b] = [`${name}a`, `${name}b`];
  const trimBoth = `${a} = trimStart(${a}, ${b}); ${b} = trimEnd(${a}, ${b}); ${name}t = undefined;`;
  if (kind === "space") return trimBoth;
  if (kind === "substring" || kind === "regex") {
    const rest = `${name} = ${emitter.ref(trimmed)}(${emitter.ref(cut)}(${name}r()));`;
    return `${trimBoth} if (${mayHold(emitter, slot, kind, substring, patterns)}) ${rest}`;
  }
  const [found, rest] =
    kind === "prefix"
      ? [sliceStarts(emitter, slot, substring), `${a} += ${substring.length};`]
      : [sliceEnds(emitter, slot, substring), `${b} -= ${substring.length};`];
  return `${trimBoth} if (${found}) { ${rest} ${trimBoth} }`;
}

export const nativeReformat: MakeNative<z.infer<typeof reformat>> = (options) => {
  const rewrite = compileRewrite(options);
  return {
    paths: options.fields.map(splitPath),
    emit: (emitter, miss) => {
      const call = emitter.ref(rewrite);
      return eachField(emitter, options.fields, miss, false, ({ name, slot }) => {
        const value = `${call}(v, log.timestamp, ${quoted(name)})`;
        if (!slot) return { value, types: kinds.text };
        const before = `if (v === slice) v = ${lastText(emitter, slot)};`;
        return { before, value, types: kinds.text, readsItself: true };
      });
    },
  };
};

export const nativeTrim: MakeNative<z.infer<typeof trim>> = (options, context) => {
  const { function: kind, substring, fields } = options;
  const cut = compileCut(kind, substring, context.patterns);
  return {
    paths: fields.map(splitPath),
    emit: (emitter, miss) => {
      const trimName = emitter.ref(trimmed);
      const text = quoted(substring);
      return eachField(emitter, fields, miss, kind !== "regex", ({ types, slot }) => {
        const slice = slot && cutSlice(emitter, slot, options, context.patterns, cut);
        const before = `v = ${textSource(emitter, types, trimName)};`;
        if (kind === "space") return { before, value: "v", types: kinds.text, slice };
        if (kind === "prefix" || kind === "suffix") {
          const found = kind === "prefix" ? `v.startsWith(${text})` : `v.endsWith(${text})`;
          const rest =
            kind === "prefix" ? `v.slice(${substring.length})` : `v.slice(0, -${substring.length})`;
          const cutOnce = `${before} if (${found}) v = ${trimName}(${rest});`;
          return { before: cutOnce, value: "v", types: kinds.text, slice };
        }
        return { before, value: `${trimName}(${emitter.ref(cut)}(v))`, types: kinds.text, slice };
      });
    },
  };
};
