import { type FetchOptions, messageOf, type PluginContext, VedetteError } from "@vedette/sdk";
import { limits, readJson } from "./json.ts";

/** A JSON document that a server gave. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where the answer has no body, or one that is not JSON. */
  readonly body: unknown;
}

type Sent = Pick<FetchOptions, "headers" | "tls" | "redirects" | "maxBytes">;
type Way = Pick<PluginContext<unknown>, "egress" | "signal">;

/** Asks for JSON over the guarded way out. The answer may be any; throws where there is none, or a good one is not JSON. */
export async function getJson(url: string, sent: Sent, { egress, signal }: Way): Promise<Got> {
  const response = await egress.fetch(url, {
    ...{ redirects: 0, maxBytes: limits.bytes, idleMs: 20_000, signal },
    ...sent,
    headers: { accept: "application/json", ...sent.headers },
  });
  const { status, headers } = response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    return { status, headers, body: bytes.length === 0 ? undefined : await readJson(bytes) };
  } catch (error) {
    if (status < 200 || status > 299) return { status, headers, body: undefined };
    throw remoteFailed(`${place(url)} answered ${status}, but: ${messageOf(error)}`, error);
  }
}

/** Requires an answer that says yes. Throws with what to do about it. */
export function requireYes(url: string, { status }: Got): void {
  if (status >= 200 && status < 300) return;
  const why =
    status === 401 || status === 403
      ? "the credentials are wrong or may not do that"
      : status >= 300 && status < 400
        ? "it redirects, which is not followed"
        : status === 429 || status >= 500
          ? "it is overloaded or broken, will be asked again"
          : "it does not know this address";
  throw remoteFailed(`${place(url)} answered ${status}: ${why}.`);
}

/** What another system did wrong. */
export const remoteFailed = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("plugin.failed", why, { verdict: "retry" }, { cause });

/** An address without what may be secret in it. */
function place(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
