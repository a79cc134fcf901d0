import { isVedetteError, messageOf } from "@vedette/sdk";

/** Wrong use of the command line, which no configuration file is to blame for. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}

/** An output that cannot be written, such as a full disk. */
export class OutputError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutputError";
  }
}

/** 2 for wrong usage, configuration or input, 1 for everything else. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof UsageError ||
  (isVedetteError(error) && (error.code.startsWith("config.") || error.code === "plugin.bad_input"))
    ? 2
    : 1;

/** What a person reads on stderr. Faults of our own keep their stack. */
export function explain(error: unknown): string {
  if (isVedetteError(error) && error.code.startsWith("config.")) return error.message;
  if (isVedetteError(error) || error instanceof UsageError || error instanceof OutputError)
    return `vedette: ${messageOf(error)}`;
  return `vedette: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
