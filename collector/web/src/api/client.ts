import { apiKey, keyNeeded, unreachable } from "../state/session.ts";
import { ApiProblem } from "./problem.ts";

/** Requests at the same time; further ones wait their turn. */
const parallel = 6;
let running = 0;
const waiting: (() => void)[] = [];

/** Asks the API and gives its JSON. Throws an `ApiProblem`, or an AbortError when `signal` aborts. */
export async function ask<T>(path: string, signal: AbortSignal): Promise<T> {
  await turn(signal);
  try {
    const response = await patiently(path, signal);
    return (await response.json()) as T;
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** Asks again where the API says that it is too busy at the moment, a few times. */
async function patiently(path: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(path, signal);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 429 || attempt > 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
      signal.throwIfAborted();
    }
  }
}

/** A request with the key, whose problems are thrown. */
export async function request(path: string, signal: AbortSignal): Promise<Response> {
  const key = apiKey.value;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      signal,
      headers: key === "" ? {} : { authorization: `Bearer ${key}` },
      cache: "no-store",
    });
  } catch (error) {
    if (signal.aborted) throw error;
    unreachable.value = true;
    throw new ApiProblem(0, {});
  }
  unreachable.value = false;
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status === 401) keyNeeded.value = true;
  throw new ApiProblem(response.status, body);
}

async function turn(signal: AbortSignal): Promise<void> {
  while (running >= parallel) await new Promise<void>((resolve) => waiting.push(resolve));
  if (signal.aborted) {
    waiting.shift()?.();
    signal.throwIfAborted();
  }
  running += 1;
}
