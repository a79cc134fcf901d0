import type { Logger } from "@vedette/sdk";
import { pino } from "pino";

export interface LoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** The program: `agent`, `collector`, `engine`. */
  readonly name: string;
  /** File descriptor; 2 keeps stdout free for data. */
  readonly fd?: number;
  /** Takes secrets out of every line before it is written. */
  readonly redact?: (line: string) => string;
}

/** Structured JSON lines. `error` fields are written whole; keys that name secrets are cut out. */
export function createLogger({ level, name, fd = 2, redact }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      errorKey: "error",
      // By the name that an error has, not that of its class, which is short in the one-file agent.
      serializers: { error: (error) => named(pino.stdSerializers.err(error), error) },
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ["password", "secret", "token", "key", "*.password", "*.secret", "*.token", "*.key"],
        censor: "[redacted]",
      },
      // The line as a whole: fields, errors with their causes and stacks, whatever they are.
      ...(redact && { hooks: { streamWrite: redact } }),
    },
    pino.destination({ fd, sync: true }),
  );
}

const named = (written: object, error: unknown): object =>
  error instanceof Error ? { ...written, type: error.name } : written;

/** Says a message at most once per `everyMs`, with how many were held back, so that a flood stays readable. */
export function rateLimited(
  log: (fields: object, message: string) => void,
  everyMs: number,
  now: () => number,
) {
  let last = Number.NEGATIVE_INFINITY;
  let held = 0;
  return (fields: object, message: string): void => {
    const since = now() - last;
    // Below 0 the clock was set back: silence until it has caught up could last for hours.
    if (since >= 0 && since < everyMs) {
      held++;
      return;
    }
    log(held > 0 ? { ...fields, heldBack: held } : fields, message);
    last = now();
    held = 0;
  };
}
