import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { Readable } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import { VedetteError } from "../errors.ts";

/** What a request through the egress rule can say. */
export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | URLSearchParams;
  readonly signal?: AbortSignal;
  /** Redirects followed, each checked anew; 0 gives the redirect itself. Default 5. */
  readonly redirects?: number;
  /** Longest body of the answer; reading more is an error. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Longest wait for the next sign of life. Default 30,000. */
  readonly idleMs?: number;
  /** Certificates and trust. */
  readonly tls?: Pick<SecureContextOptions, "ca" | "cert" | "key"> & {
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
  };
}

interface Guard {
  /** Throws where the host is an address that may not be reached. */
  require(host: string): void;
  readonly lookup: LookupFunction;
}

const bodiless: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Never carried to another origin. */
const own =
  /^(authorization|cookie|proxy-authorization|x-api-key|x-auth.*|.*token.*|.*secret.*|.*api-?key.*)$/i;

/** `fetch` on Node's own clients, whose lookup the egress rule can stand in. One connection a request. */
export async function egressFetch(
  given: string | URL,
  options: FetchOptions,
  guard: Guard,
): Promise<Response> {
  let url = new URL(given);
  let next = options;
  for (let left = options.redirects ?? 5; ; left--) {
    const answer = await send(url, next, guard);
    const location = answer.headers.location;
    const status = answer.statusCode ?? 0;
    if (!redirections.has(status) || location === undefined || options.redirects === 0)
      return responseOf(answer, url, options.maxBytes ?? 16 * 2 ** 20);
    answer.destroy();
    if (left <= 0) throw failed(url, "it redirects too often");
    const to = new URL(location, url);
    next = redirected(next, status, to.origin !== url.origin);
    url = to;
  }
}

function redirected(options: FetchOptions, status: number, away: boolean): FetchOptions {
  const method = options.method ?? "GET";
  const turns = status === 303 ? method !== "HEAD" : status < 303 && method === "POST";
  const headers = Object.entries(options.headers ?? {}).filter(
    ([name]) => !(away && own.test(name)) && !(turns && /^content-/i.test(name)),
  );
  const { body, tls, ...kept } = options;
  return {
    ...kept,
    headers: Object.fromEntries(headers),
    method: turns ? "GET" : method,
    ...(turns || body === undefined ? {} : { body }),
    // A client certificate is for the one it was given for.
    ...(tls === undefined ? {} : { tls: away ? { ...(tls.ca && { ca: tls.ca }) } : tls }),
  };
}

function send(url: URL, options: FetchOptions, { require, lookup }: Guard): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw failed(url, "only http and https are known");
  if (url.username !== "" || url.password !== "") throw failed(url, "an address may not hold a password");
  // The URL parser has turned all spellings of an address, such as 0x7f.1, into the usual one.
  require(url.hostname);
  const body = options.body instanceof URLSearchParams ? Buffer.from(options.body.toString()) : options.body;
  const form = options.body instanceof URLSearchParams ? "application/x-www-form-urlencoded" : undefined;
  return new Promise((resolve, reject) => {
    const common = {
      method: options.method ?? "GET",
      headers: {
        "user-agent": "vedette",
        accept: "*/*",
        ...(form && { "content-type": form }),
        ...options.headers,
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      },
      lookup,
      // No pool: a connection is used for what it was checked for.
      agent: false as const,
      timeout: options.idleMs ?? 30_000,
      ...(options.signal && { signal: options.signal }),
    };
    const request: ClientRequest =
      url.protocol === "https:" ? httpsRequest(url, { ...common, ...options.tls }) : httpRequest(url, common);
    request.once("response", resolve);
    request.once("timeout", () => request.destroy(failed(url, "it was silent for too long")));
    request.once("error", reject);
    request.end(body);
  });
}

function responseOf(answer: IncomingMessage, url: URL, maxBytes: number): Response {
  const headers = new Headers();
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!);
  const status = answer.statusCode ?? 0;
  const none = bodiless.has(status);
  if (none) answer.resume();
  const body = none
    ? null
    : (Readable.toWeb(Readable.from(bounded(answer, url, maxBytes))) as ReadableStream);
  return new Response(body, { status, statusText: answer.statusMessage ?? "", headers });
}

async function* bounded(answer: IncomingMessage, url: URL, maxBytes: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    total += part.length;
    if (total > maxBytes) throw failed(url, `its answer has more than ${maxBytes} bytes`);
    yield part;
  }
}

const failed = (url: URL, why: string): VedetteError =>
  // Without path and query: they can hold keys.
  new VedetteError("egress.failed", `The request to ${url.protocol}//${url.host} failed: ${why}.`, {
    verdict: "drop",
  });
