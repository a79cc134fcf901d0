/** A scalar as JSON has it. */
export type Scalar = string | number | boolean | null;

/** What a plain (unquoted) scalar is, and what YAML 1.1 makes of it that JSON has no value for. */
export interface Resolved {
  readonly value: Scalar;
  readonly oddity?: "timestamp" | "sexagesimal";
}

const isNull = /^(?:~|null|Null|NULL|)$/;
const isTrue = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const isFalse = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const isDecimal = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const isOctal = /^[-+]?0[0-7_]+$/;
const isHex = /^[-+]?0x[0-9a-fA-F_]+$/;
const isBinary = /^[-+]?0b[01_]+$/;
const isFloat = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
const isSexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const isTimestamp =
  /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?$/;

/** The longest scalar that can be anything but text. */
const longest = 64;

/**
 * Reads a plain scalar as the readers of these specs do, which know YAML 1.1: `yes` is true, 010 is eight, and times are
 * times. Times and numbers in base 60 stay text here, because that is what their authors meant, and are told.
 */
export function resolvePlain(text: string): Resolved {
  if (text.length > longest) return { value: text };
  if (isNull.test(text)) return { value: null };
  if (isTrue.test(text)) return { value: true };
  if (isFalse.test(text)) return { value: false };
  const digits = text.replaceAll("_", "");
  if (isDecimal.test(text) || isFloat.test(text)) return { value: Number(digits) };
  if (isOctal.test(text)) return { value: inBase(digits, 8, 1) };
  if (isHex.test(text)) return { value: inBase(digits, 16, 2) };
  if (isBinary.test(text)) return { value: inBase(digits, 2, 2) };
  if (isTimestamp.test(text)) return { value: text, oddity: "timestamp" };
  if (isSexagesimal.test(text)) return { value: text, oddity: "sexagesimal" };
  return { value: text };
}

/** `skip` is the length of what says the base. */
function inBase(text: string, base: number, skip: number): number | string {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").slice(skip);
  const value = Number.parseInt(digits, base);
  if (Number.isNaN(value)) return text;
  return negative ? -value : value;
}

/** Whether YAML 1.1 would make true or false of a key. */
export const isBooleanWord = (text: string): boolean => isTrue.test(text) || isFalse.test(text);
