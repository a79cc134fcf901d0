import { ModuleCode, useModuleCode } from "@vedette/core/kernels";
import type { Logger } from "@vedette/sdk";

/** What the head of the one-file agent says of its start (scripts/agent-start.mjs). */
interface Compiled {
  /** `used`: nothing was compiled; `made anew`: all was, to be `kept` after a while, or `not kept` for a reason. */
  readonly compiled: "used" | "made anew" | "kept" | "not kept";
  readonly place: string;
  readonly reason?: string;
  /** Called where the first of these changes. */
  told?: () => void;
}

const compiledOf = (): Compiled | undefined =>
  (globalThis as Record<symbol, unknown>)[Symbol.for("vedette.compiled")] as Compiled | undefined;

/** Notes whether V8 had to compile the program, at debug: it costs a start half of its time and is no fault. */
export function noteCompiled(log: Logger): void {
  const state = compiledOf();
  if (!state) return;
  const note = (): void => {
    const { compiled, place, reason } = state;
    log.debug({ compiled, place, reason }, "The program in compiled form.");
  };
  state.told = note;
  note();
}

/**
 * Lets kernels of the one-file agent come with the code that V8 made of them in an earlier run. What is returned keeps it for the
 * next one, at the end of this one, when what is busy has long been optimized (docs/decisions/0313).
 */
export function keepKernels(log: Logger): () => void {
  const place = compiledOf()?.place.replace(/\.code$/, ".kernels");
  const code = place === undefined ? undefined : ModuleCode.at(place);
  if (!code) return () => {};
  useModuleCode(code);
  return () => {
    try {
      log.debug({ bytes: code.keep(), place }, "Code of kernels, kept for the next start.");
    } catch (error) {
      log.debug({ error, place }, "Code of kernels could not be kept; the next start does without.");
    }
  };
}
