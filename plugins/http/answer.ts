/** Why a request is not taken, with what its sender is told. */
export class Refusal extends Error {
  readonly status: number;
  /** For the counters: one of a small fixed set. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Which log of the request is wrong, counted from 1. */
  readonly row: number | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: {
      readonly retryAfterSeconds?: number;
      readonly row?: number;
      readonly headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.row = options.row;
    this.headers = {
      ...(options.retryAfterSeconds === undefined
        ? {}
        : { "retry-after": String(options.retryAfterSeconds) }),
      ...options.headers,
    };
  }
}

/** Refuses for now: the same request may be taken later. */
export const later = (reason: string, message: string, retryAfterSeconds = 5): Refusal =>
  new Refusal(503, reason, message, { retryAfterSeconds });
