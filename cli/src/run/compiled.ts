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

/** Notes whether V8 had to compile the program, at debug: it costs a start half of its time and is no fault. */
export function noteCompiled(log: Logger): void {
  const state = (globalThis as Record<symbol, unknown>)[Symbol.for("vedette.compiled")] as
    | Compiled
    | undefined;
  if (!state) return;
  const note = (): void => {
    const { compiled, place, reason } = state;
    log.debug({ compiled, place, reason }, "The program in compiled form.");
  };
  state.told = note;
  note();
}
