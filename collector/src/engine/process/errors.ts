/** A refusal or failure as ClickHouse clients understand it: a numeric code, a name, and an HTTP status. */
export class EngineError extends Error {
  readonly code: number;
  readonly status: number;
  readonly retryAfter: boolean;
  constructor(code: number, name: string, message: string, status?: number, options?: ErrorOptions) {
    super(`Code: ${code}. DB::Exception: ${message} (${name})`, options);
    this.code = code;
    this.status = status ?? statusOf(code);
    this.retryAfter = this.status === 503;
  }
}

/** HTTP statuses of the ClickHouse server by error code; everything else is 500 (HTTPHandler of ClickHouse). */
const statuses: Readonly<Record<number, number>> = {
  6: 400,
  27: 400,
  33: 400,
  36: 400,
  38: 400,
  41: 400,
  43: 400,
  47: 404,
  53: 400,
  60: 404,
  62: 400,
  69: 400,
  70: 400,
  72: 400,
  73: 400,
  81: 404,
  82: 409,
  115: 404,
  117: 400,
  159: 408,
  164: 403,
  202: 503,
  279: 503,
  307: 413,
  456: 400,
  457: 400,
  497: 403,
  516: 403,
};

/** The HTTP status that goes with a ClickHouse error code. */
export const statusOf = (code: number): number => statuses[code] ?? 500;

const CODE = /Code: (\d+)\. DB::Exception: /;
/** Without a name at its end a client does not see the code; a NUL in the text makes chDB cut the name off. */
const NAMED = /\([A-Z][A-Z0-9_]{2,}\)/;
const REPEATED = /^(?:Code: \d+\. DB::Exception: )(?=Code: \d+\. DB::Exception: )/;

/** Turns whatever the addon threw into an {@link EngineError}, keeping the engine's code and sentence. */
export function engineErrorOf(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = Number(CODE.exec(text)?.[1] ?? 1002);
  const engine = new EngineError(code, "UNKNOWN_EXCEPTION", text, undefined, { cause: error });
  if (CODE.test(text)) engine.message = text.replace(/^.*?(?=Code: \d+\. DB)/s, "").replace(REPEATED, "");
  if (!NAMED.test(engine.message)) engine.message += " (UNKNOWN_EXCEPTION)";
  return engine;
}

/** A statement that the gate does not let through. */
export const refused = (why: string): EngineError => new EngineError(497, "ACCESS_DENIED", why);
