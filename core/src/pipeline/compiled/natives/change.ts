import type { z } from "zod";
import { splitPath } from "../../paths/index.ts";
import { type cast, converters } from "../../steps/cast.ts";
import { trimmed } from "../../steps/grok.ts";
import { compileRewrite, type reformat } from "../../steps/reformat.ts";
import { compileCut, type trim } from "../../steps/trim.ts";
import { quoted } from "../emitter.ts";
import { kinds } from "../layout.ts";
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

export const nativeCast: MakeNative<z.infer<typeof cast>> = ({ fields, to }) => ({
  paths: fields.map(splitPath),
  emit: (emitter, miss) => {
    const convert = emitter.ref(convertersOf[to]);
    return eachField(emitter, fields, miss, true, () => ({ value: `${convert}(v)`, types: made[to] }));
  },
});

export const nativeReformat: MakeNative<z.infer<typeof reformat>> = (options) => {
  const rewrite = compileRewrite(options);
  return {
    paths: options.fields.map(splitPath),
    emit: (emitter, miss) => {
      const call = emitter.ref(rewrite);
      return eachField(emitter, options.fields, miss, false, (name) => ({
        value: `${call}(v, log.timestamp, ${quoted(name)})`,
        types: kinds.text,
      }));
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
      return eachField(emitter, fields, miss, kind !== "regex", (_name, types) => {
        const before = `v = ${textSource(emitter, types, trimName)};`;
        if (kind === "space") return { before, value: "v", types: kinds.text };
        if (kind === "prefix" || kind === "suffix") {
          const found = kind === "prefix" ? `v.startsWith(${text})` : `v.endsWith(${text})`;
          const rest =
            kind === "prefix" ? `v.slice(${substring.length})` : `v.slice(0, -${substring.length})`;
          const cutOnce = `${before} if (${found}) v = ${trimName}(${rest});`;
          return { before: cutOnce, value: "v", types: kinds.text };
        }
        return { before, value: `${trimName}(${emitter.ref(cut)}(v))`, types: kinds.text };
      });
    },
  };
};
