import { type ConnectionDeps, isVedetteError, messageOf } from "@vedette/sdk";
import type { ConnectionKind } from "./kinds.ts";
import type { TestOutcome } from "./store.ts";

/** How long a test may take. */
export const testMs = 15_000;

/**
 * Tests settings that fit the kind: within a deadline, through the egress rule. Never rejects: what a plugin throws is the
 * outcome. `redact` takes secrets out of what the plugin says.
 */
export async function testSettings(
  { type }: ConnectionKind,
  settings: unknown,
  deps: ConnectionDeps,
  redact: (text: string) => string,
  deadlineMs: number = testMs,
): Promise<TestOutcome> {
  if (type.test === undefined)
    return { status: "warning", message: "This kind has no test; the settings fit its schema." };
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([deps.signal, deadline]);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    // The deadline holds for plugins that do not look at their signal, too.
    const { status, message } = await Promise.race([type.test(settings, { ...deps, signal }), late]);
    return { status, message: bounded(redact(String(message))) };
  } catch (error) {
    const message = deadline.aborted
      ? `There was no answer within ${deadlineMs / 1_000} s.`
      : isVedetteError(error)
        ? error.message
        : messageOf(error);
    return { status: "error", message: bounded(redact(message)) };
  }
}

const bounded = (text: string): string => (text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);
