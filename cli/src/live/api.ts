import { UsageError } from "../exit.ts";

/** Options of every command that asks a running collector. */
export const urlOption = [
  "--url <url>",
  "the collector's address",
  process.env.VEDETTE_URL ?? "http://127.0.0.1:8600",
] as const;
export const keyOption = ["--key <key>", "API key, or set VEDETTE_KEY", process.env.VEDETTE_KEY] as const;

/** Address of a path of the API. Throws a `UsageError` where the collector's address is none. */
export function apiAddress(collector: string, path: string): URL {
  try {
    return new URL(`/api/v1/${path}`, collector);
  } catch (error) {
    throw new UsageError(`"${collector}" is no address; write it like http://127.0.0.1:8600.`, {
      cause: error,
    });
  }
}

/** The answer of a collector, asked or told to change something. Throws what it says is wrong, and where none answers. */
export async function askApi(
  url: URL,
  options: { readonly key?: string },
  signal: AbortSignal,
  change?: { readonly method: string; readonly body: unknown },
): Promise<Response> {
  const headers: Record<string, string> = {
    ...(options.key && { authorization: `Bearer ${options.key}` }),
    ...(change && { "content-type": "application/json" }),
  };
  let response: Response;
  try {
    response = await fetch(url, {
      headers,
      signal,
      ...(change && { method: change.method, body: JSON.stringify(change.body) }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(
      `No collector answers at ${url.origin}. Start one with "vedette up", or say where it is with --url.`,
      { cause: error },
    );
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as {
    title?: string;
    detail?: string;
    cure?: string;
    problems?: readonly { readonly key: string; readonly message: string }[];
  };
  const sentences = [problem.title, problem.detail, problem.cure].filter(Boolean).join(" ");
  const places = (problem.problems ?? []).map(({ key, message }) => `\n${key}: ${message}`).join("");
  const said = `${sentences}${places}` || response.statusText;
  const message = `The collector answered ${response.status}: ${said}`;
  throw response.status === 400 || response.status === 422 ? new UsageError(message) : new Error(message);
}
