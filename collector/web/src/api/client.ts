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

interface Change {
  readonly method: "POST" | "PATCH" | "PUT" | "DELETE";
  readonly body?: unknown;
}

/** Asks the API to do something, once, and gives its JSON. Throws an `ApiProblem`, or an AbortError. */
export async function send<T>(path: string, change: Change, signal = never): Promise<T> {
  const response = await request(path, signal, change);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const never = new AbortController().signal;

/**
 * A request with the key, whose problems are thrown. Where looking needs a key, the page asks for it; where only a change
 * does, whoever sends it says so, and what was typed stays.
 */
export async function request(path: string, signal: AbortSignal, change?: Change): Promise<Response> {
  const key = apiKey.value;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      signal,
      headers: {
        ...(key !== "" && { authorization: `Bearer ${key}` }),
        ...(change && { "content-type": "application/json" }),
      },
      cache: "no-store",
      ...(change && { method: change.method, body: JSON.stringify(change.body ?? {}) }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    unreachable.value = true;
    throw new ApiProblem(0, {});
  }
  unreachable.value = false;
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status === 401 && !change) keyNeeded.value = true;
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
