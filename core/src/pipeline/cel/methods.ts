import { CelRuntimeError } from "./errors.ts";
import { kindOf, numberOf, sizeOf } from "./values.ts";

/** A function of plain values; absent arguments give an absent result before it is called. */
export interface ValueFunction {
  readonly usage: string;
  readonly arity: number;
  call(args: readonly unknown[]): unknown;
}

const need = (name: string, value: unknown): never => {
  throw new CelRuntimeError(`${name}() does not take a ${kindOf(value)}.`);
};

function number(name: string, value: unknown): number {
  const result = typeof value === "boolean" ? Number(value) : numberOf(value);
  return result ?? need(name, value);
}

/** Global functions of CEL itself. */
export const globals: Readonly<Record<string, ValueFunction>> = {
  size: { usage: "size(value)", arity: 1, call: ([value]) => sizeOf(value) ?? need("size", value) },
  int: { usage: "int(value)", arity: 1, call: ([value]) => Math.trunc(number("int", value)) },
  uint: {
    usage: "uint(value)",
    arity: 1,
    call: ([value]) => {
      const result = Math.trunc(number("uint", value));
      return result >= 0 ? result : need("uint", value);
    },
  },
  double: { usage: "double(value)", arity: 1, call: ([value]) => number("double", value) },
  string: {
    usage: "string(value)",
    arity: 1,
    call: ([value]) => (typeof value === "object" ? need("string", value) : String(value)),
  },
  bool: {
    usage: "bool(value)",
    arity: 1,
    call: ([value]) => {
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      return need("bool", value);
    },
  },
  dyn: { usage: "dyn(value)", arity: 1, call: ([value]) => value },
};

const onTexts =
  (holds: (target: string, argument: string) => unknown) =>
  ([target, argument]: readonly unknown[]): unknown =>
    typeof target === "string" && typeof argument === "string" ? holds(target, argument) : undefined;

/** Methods of CEL: `target.name(argument)`. On values that are no text they are absent, so false. */
export const methods: Readonly<Record<string, ValueFunction>> = {
  contains: {
    usage: 'text.contains("part")',
    arity: 1,
    call: onTexts((target, part) => target.includes(part)),
  },
  startsWith: {
    usage: 'text.startsWith("start")',
    arity: 1,
    call: onTexts((target, start) => target.startsWith(start)),
  },
  endsWith: { usage: 'text.endsWith("end")', arity: 1, call: onTexts((target, end) => target.endsWith(end)) },
  size: { usage: "value.size()", arity: 0, call: ([value]) => sizeOf(value) ?? need("size", value) },
  lowerAscii: {
    usage: "text.lowerAscii()",
    arity: 0,
    call: ([value]) =>
      typeof value === "string" ? value.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : undefined,
  },
  upperAscii: {
    usage: "text.upperAscii()",
    arity: 0,
    call: ([value]) =>
      typeof value === "string" ? value.replace(/[a-z]+/g, (run) => run.toUpperCase()) : undefined,
  },
};
