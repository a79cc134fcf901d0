import { type ErrorCode, VedetteError } from "@vedette/sdk";

/** What a step's failure is about, in the words of the plugin. */
export interface FailureDetail {
  readonly cause: string;
  readonly assistance: string;
  /** What the other side answered, cut to 4 KiB. It can hold what a log must not: show it to people who ask. */
  readonly data: string;
  /** The preset that the plugin took, where its words give that away. */
  readonly preset?: PresetName;
}

/** A preset of the ecosystem: its words, and whether another try can help. */
interface Preset {
  readonly cause: string;
  readonly assistance: string;
  readonly again: boolean;
}

const preset = (cause: string, assistance: string, again = false): Preset => ({ cause, assistance, again });

/** The causes are those that plugins send, word for word: it is by them that a preset is known again. */
const presets = {
  API_KEY: preset("Invalid API key provided.", "Check the API key of the connection."),
  UNAUTHORIZED: preset(
    "The account configured in your plugin connection is unauthorized to access this service.",
    "Check what the account may do.",
  ),
  RATE_LIMIT: preset(
    "The account configured in your plugin connection is currently rate-limited.",
    "Ask less often.",
    true,
  ),
  USERNAME_PASSWORD: preset("Invalid username or password provided.", "Check user name and password."),
  INVALID_CREDENTIALS: preset("Authentication failed: invalid credentials.", "Check the credentials."),
  NOT_FOUND: preset("Invalid or unreachable endpoint provided.", "Check the address of the connection."),
  METHOD_NOT_ALLOWED: preset("Method not allowed.", "Check the address of the connection."),
  BAD_REQUEST: preset("The server is unable to process the request.", "Check the input."),
  CONFLICT: preset(
    "Request cannot be completed due to a conflict with the current state.",
    "Check the input.",
  ),
  REDIRECT_ERROR: preset("The server answered with a redirect.", "Check the address of the connection."),
  SERVER_ERROR: preset("Server error occurred", "Try again later.", true),
  SERVICE_UNAVAILABLE: preset(
    "The service this plugin is designed for is currently unavailable.",
    "Try again later.",
    true,
  ),
  CONNECTION_ERROR: preset("Failed to connect to the server.", "Check network and address.", true),
  TIMEOUT: preset("The request timed out.", "Try again later.", true),
  INVALID_JSON: preset("Received an unexpected response from the server.", "No JSON came back."),
  BASE64_ENCODE: preset(
    "Unable to base64 encode content due to incorrect padding length.",
    "Check the input.",
  ),
  BASE64_DECODE: preset(
    "Unable to base64 decode content due to incorrect padding length.",
    "Check the input.",
  ),
  UNKNOWN: preset("Something unexpected occurred.", "See the log of the step."),
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** The words of a preset. */
export const presetWords = (name: PresetName): { readonly cause: string; readonly assistance: string } =>
  presets[name];

const maxText = 4_096;
const cut = (text: unknown): string =>
  (typeof text === "string" ? text : text === undefined || text === null ? "" : JSON.stringify(text)).slice(
    0,
    maxText,
  );

/** What came back of a failed step: `error` alone in older plugins, `exception` besides in newer ones. */
export function detailOf(error: unknown, exception: unknown): FailureDetail {
  const given =
    typeof exception === "object" && exception !== null ? (exception as Record<string, unknown>) : {};
  const text = cut(error);
  const known = nameOf(cut(given["cause"]) || text);
  const cause = cut(given["cause"]) || (known ? presets[known].cause : text) || "The plugin gave no cause.";
  return {
    cause,
    assistance: cut(given["assistance"]) || (known ? presets[known].assistance : ""),
    data: cut(given["data"]),
    ...(known ? { preset: known } : {}),
  };
}

const nameOf = (text: string): PresetName | undefined =>
  (Object.keys(presets) as PresetName[]).find((name) => text.includes(presets[name].cause));

const waitMs = { rateLimit: 60_000, other: 10_000 };
const transient =
  /rate.?limit|too many requests|timed? ?out|temporarily|unavailable|connection (?:refused|reset|aborted)|\b(?:429|502|503|504)\b/i;

/** Whether the same step may succeed later. An unknown cause counts as no: an action must not be done twice by guess. */
export function canSucceedLater({ preset: name, cause }: FailureDetail, statusCode?: number): boolean {
  if (statusCode !== undefined && statusCode >= 400)
    return statusCode === 408 || statusCode === 429 || statusCode >= 500;
  if (name !== undefined) return presets[name].again;
  return transient.test(cause);
}

/**
 * A step that failed: `plugin.failed` and its sisters, with the plugin's own words. Detail and log are kept out of what
 * loggers print of an error: they can be long, and hold what the other side answered.
 */
export class IconError extends VedetteError {
  readonly #detail: FailureDetail;
  readonly #stepLog: string;

  constructor(
    code: Extract<ErrorCode, `plugin.${string}`>,
    detail: FailureDetail,
    again: boolean,
    options: ErrorOptions & { readonly log?: string } = {},
  ) {
    const afterMs = detail.preset === "RATE_LIMIT" ? waitMs.rateLimit : waitMs.other;
    const message = [detail.cause, detail.assistance].filter(Boolean).join(" ");
    super(code, message, again ? { verdict: "retry", afterMs } : { verdict: "drop" }, options);
    this.name = "IconError";
    this.#detail = detail;
    this.#stepLog = options.log ?? "";
  }

  get detail(): FailureDetail {
    return this.#detail;
  }

  /** What the step had logged, as far as it was kept. */
  get stepLog(): string {
    return this.#stepLog;
  }
}

/** A failure that the host found. */
export const hostError = (
  code: Extract<ErrorCode, `plugin.${string}`>,
  cause: string,
  { again = false, assistance = "", log = "", error }: HostErrorOptions = {},
): IconError =>
  new IconError(code, { cause, assistance, data: "" }, again, {
    log,
    ...(error === undefined ? {} : { cause: error }),
  });

interface HostErrorOptions {
  readonly again?: boolean;
  readonly assistance?: string;
  readonly log?: string;
  readonly error?: unknown;
}
