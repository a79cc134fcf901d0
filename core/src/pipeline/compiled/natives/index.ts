import type { CompiledStep } from "../../plan.ts";
import { nativeCast, nativeReformat, nativeTrim } from "./change.ts";
import { nativeGrok } from "./grok.ts";
import { nativeJson } from "./json.ts";
import type { MakeNative, Native, NativeContext } from "./native.ts";
import { nativeAdd, nativeDelete, nativeRename } from "./plain.ts";

export type { Native } from "./native.ts";

const makers: Readonly<Record<string, MakeNative<never>>> = {
  add: nativeAdd,
  cast: nativeCast,
  delete: nativeDelete,
  grok: nativeGrok,
  json: nativeJson,
  reformat: nativeReformat,
  rename: nativeRename,
  trim: nativeTrim,
};

/** The native form of a step; undefined where it runs in the interpreter. */
export function nativeOf({ kind, step }: CompiledStep, context: NativeContext): Native | undefined {
  const { onError } = step[kind] as { readonly onError?: unknown };
  if (onError !== undefined && onError !== "continue") return undefined;
  const make = Object.hasOwn(makers, kind) ? makers[kind] : undefined;
  return make?.(step[kind] as never, context);
}
