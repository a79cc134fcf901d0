import type { Logger } from "@vedette/sdk";

/** What is to be closed at the end, the latest first, each after the one before it. One that fails does not keep the others. */
export function closingList(log: Logger): {
  readonly closing: (() => Promise<unknown>)[];
  /** Closes all; safe to call twice. */
  readonly stop: () => Promise<void>;
} {
  const closing: (() => Promise<unknown>)[] = [];
  let done: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const each of closing.reverse()) {
      await each().catch((error: unknown) =>
        log.warn({ error }, "A part of the collector did not close cleanly."),
      );
    }
  };
  return {
    closing,
    stop: () => {
      done ??= close();
      return done;
    },
  };
}
