const brand: unique symbol = Symbol.for("@vedette/sdk/VedetteError") as never;

/** What the engine does next: `drop` sends the data to a dead letter, `retry` tries again, `stop` ends the program. */
export type Verdict =
  | { readonly verdict: "drop" }
  | { readonly verdict: "retry"; readonly afterMs?: number }
  | { readonly verdict: "stop" };

/** Every code that Vedette raises, with its meaning. A code is never reused; a drift test compares the reference page. */
export const errorCodes = {
  "config.invalid":
    "A configuration, pipeline or rule file has a mistake. The message names file, line and column.",
  "config.unreadable": "A configuration file is missing or cannot be read.",
  "batch.malformed": "A batch does not decode: wrong magic, checksum, length or column.",
  "batch.too_large": "A batch or a row is over its limit.",
  "batch.newer_schema": "A batch was sealed with a newer event schema than this collector knows.",
  "spool.locked": "Another process uses this spool.",
  "spool.damaged": "A spool segment was damaged and set aside.",
  "spool.full": "The spool is full; inputs wait.",
  "input.unreadable": "A file or other source cannot be read now.",
  "transport.unavailable": "The collector or the broker did not answer.",
  "transport.refused":
    "The collector or the broker refused the connection, the login, the agent or the topic.",
  "transport.certificate":
    "The own certificate cannot be used: its file is missing or holds something else, or it has ended. Nothing was sent.",
  "transport.fenced": "Another member has the work by now; what this one still says of it is refused.",
  "store.unavailable": "ClickHouse did not answer.",
  "store.rejected": "ClickHouse refused the data or the statement.",
  "store.newer": "The database was written by a newer Vedette.",
  "engine.exited": "The embedded engine process ended and is started again.",
  "geo.unreadable": "A GeoIP database cannot be read.",
  "plugin.failed": "A plugin failed; the others go on.",
  "plugin.bad_input": "What a plugin's step was given does not fit its schema.",
  "plugin.bad_output": "What a plugin gave back is no answer, does not fit its schema or is too large.",
  "plugin.timed_out": "A plugin took longer than it may and was ended.",
  "expression.failed": "An expression could not be evaluated for an event.",
  "control.locked": "Another collector uses this state directory.",
  "control.unavailable": "The control database cannot be opened or brought up to date, or does not answer.",
  "control.newer": "The control database was written by a newer Vedette.",
  "secret.key":
    "The key that secrets are sealed with is missing, malformed or readable by others. The message says where it belongs.",
  "secret.unreadable": "A stored secret cannot be opened: its key is not here, or it was changed.",
  "connection.unknown": "There is no connection of this name and kind.",
  "connection.failed": "A connection cannot be opened: its settings do not fit, or the plugin failed.",
  "connection.conflict": "A connection was changed or is used by somebody else meanwhile.",
  "alerting.unknown":
    "There is no alert, incident, silence, maintenance window or exception of this identifier.",
  "alerting.conflict":
    "An alert, incident, silence, maintenance window or exception was changed by somebody else meanwhile.",
  "job.unknown": "There is no job or workflow of this name.",
  "job.refused":
    "A job cannot be made, answered, cancelled or run again: too many wait, or it is not in a state for that.",
  "action.unknown": "There is no action, run, approval or list entry of this name.",
  "action.refused":
    "An action was refused by a guard, by its parameters or by the backend; nothing was done, and trying again would end alike.",
  "action.unavailable": "An action could not be done now and nothing was changed; it is tried again.",
  "egress.refused":
    "A plugin may not connect there: the address is this machine, link-local or a metadata service.",
  "egress.failed": "A request of a plugin could not be made, or its answer broke a bound.",
  "notice.undelivered": "A notification could not be delivered now; it is tried again.",
  "notice.refused": "A notification was refused by where it should go; trying again would end alike.",
  "pack.refused":
    "A pack of rules is not taken: its signature, its sequence, its time, its files or its rules are not what they must be.",
  "intel.unavailable": "A threat list cannot be had from its source now; its last copy counts on.",
  "intel.too_large": "A threat list is larger than its configuration allows; it stays as it was.",
  "internal.fault": "A fault in Vedette itself; please report it.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** An error that says what to do. `code` is stable, `message` is a sentence for people, the cause is kept. */
export class VedetteError extends Error {
  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly verdict: Verdict;
  constructor(code: ErrorCode, message: string, verdict: Verdict, options?: ErrorOptions) {
    super(message, options);
    this.name = "VedetteError";
    this.code = code;
    this.verdict = verdict;
  }
}

/** Recognises by brand, so that two copies of the package in one process still understand each other. */
export const isVedetteError = (error: unknown): error is VedetteError =>
  error instanceof Error && brand in error;

/** The sentence of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
