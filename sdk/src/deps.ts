/** Structured logger as plugins and the engine see it: constant sentence last, fields first. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Time as code sees it, so that no test sleeps. Milliseconds since 1970, UTC. */
export interface Clock {
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** What the engine passes to everything it opens. `signal` aborts when the work must end. */
export interface Deps {
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Health {
  readonly status: "healthy" | "warning" | "error";
  readonly message: string;
  /** Databases in use and when their data was made, RFC 3339. */
  readonly databases?: readonly { readonly name: string; readonly builtAt: string }[];
}
