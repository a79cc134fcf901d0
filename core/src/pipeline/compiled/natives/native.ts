import type { StepContext } from "../../steps/index.ts";
import type { Emitter } from "../emitter.ts";

/** What native forms are made with. */
export type NativeContext = Pick<StepContext, "patterns">;

/** A step that is written as source. */
export interface Native {
  /** Every path that it reads or writes. */
  readonly paths: readonly (readonly string[])[];
  /** True where its statements cannot fail; false when left out. */
  sure?(emitter: Emitter): boolean;
  /** True when it puts fields below `log.` under names that come with the log. */
  readonly names?: true;
  /** The statements of the step; `miss` is the statement for finding nothing to do. */
  emit(emitter: Emitter, miss: string): string;
}

/** Makes the native form of a step's options; undefined where these run in the interpreter. */
export type MakeNative<Options> = (options: Options, context: NativeContext) => Native | undefined;
