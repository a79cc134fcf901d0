import { messageOf } from "@vedette/sdk";
import { RE2JS } from "re2js";
import { analyze, anchored, type Outlook, startsOutsideLoops } from "./analyze.ts";
import { emitRegex } from "./emit.ts";
import { parseRegex, type Regex, Unsupported } from "./parse.ts";

/** Steps per position that a native expression may take. Beyond, the linear-time engine is used. */
const MAX_STEPS_PER_CHARACTER = 128;
const MAX_STEPS = 4096;
/** Longest text for the linear-time engine, which needs microseconds per character. */
export const MAX_LINEAR_TEXT = 65_536;
/** Longest text for proven native expressions. */
export const MAX_NATIVE_TEXT = 1_048_576;

/** A checked expression, with its native form where one is proved safe. */
export interface Compiled {
  /** Made anew each time where there is a native form: it takes tens of kilobytes, and then nobody needs it. */
  readonly engine: RE2JS;
  readonly tree: Regex | undefined;
  readonly outlook: Outlook | undefined;
}

function engineOf(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new Error(`Wrong regular expression: ${messageOf(error).replace(/\.?$/, ".")}`);
  }
}

/**
 * Checks an expression in Go syntax and looks for a native form. Throws an Error with the reason when it is wrong. One that
 * `isRight` is not checked where it has a native form.
 */
export function compileRegex(source: string, isRight = false): Compiled {
  const checked = isRight ? undefined : engineOf(source);
  try {
    const tree = parseRegex(source);
    return {
      get engine() {
        return RE2JS.compile(source);
      },
      tree,
      outlook: analyze(tree),
    };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    return { engine: checked ?? engineOf(source), tree: undefined, outlook: undefined };
  }
}

/** True when trying it at one position takes time proportional to the text. */
export const fastAtOnePosition = ({ outlook }: Compiled): boolean =>
  outlook !== undefined &&
  (outlook.degree === 0
    ? outlook.factor <= MAX_STEPS
    : outlook.degree === 1 && outlook.factor <= MAX_STEPS_PER_CHARACTER);

/** True when searching a whole text for it takes time proportional to the text. */
export function fastAnywhere(compiled: Compiled): boolean {
  const { tree, outlook } = compiled;
  if (!tree || !outlook || !fastAtOnePosition(compiled)) return false;
  if (anchored(tree)) return true;
  return (
    outlook.factor <= MAX_STEPS_PER_CHARACTER && (outlook.degree === 0 || startsOutsideLoops(tree, outlook))
  );
}

const HALVES = /[\ud800-\udfff]/;

/** True when a text has characters that JavaScript keeps as two. */
export const hasPairs = (text: string): boolean => HALVES.test(text);

/** The native expression for a text: with the flag `u` only where characters outside the basic plane make a difference. */
export function nativeFor({ tree, outlook }: Compiled, flags: string): (text: string) => RegExp {
  const plain = new RegExp(emitRegex(tree!, false), flags);
  if (outlook!.pairSafe) return () => plain;
  let unicode: RegExp | undefined;
  return (text) => {
    if (!hasPairs(text)) return plain;
    unicode ??= new RegExp(emitRegex(tree!, true), `${flags}u`);
    return unicode;
  };
}

/** Refuses texts that would take too long. */
export function checkLength(text: string, most: number): void {
  if (text.length > most)
    throw new Error(`The text is longer than ${most} characters, the limit of this regular expression.`);
}
