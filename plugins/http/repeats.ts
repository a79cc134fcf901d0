import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Route } from "./settings.ts";

const maxKnown = 10_000;

/** What makes a request known again on a route; undefined where it says nothing or nobody asked. */
export function requestKey(
  { path, idempotency }: Route,
  headers: IncomingHttpHeaders,
  body: Buffer,
): string | undefined {
  if (idempotency === undefined) return undefined;
  if (idempotency === "body") return `${path}\n${createHash("sha256").update(body).digest("base64")}`;
  const value = headers[idempotency.header.toLowerCase()];
  return typeof value === "string" && value !== "" ? `${path}\n${value.slice(0, 1_024)}` : undefined;
}

/** The outcome of requests by key, the last 10,000: a repeated request gets the outcome of the first. */
export class Repeats {
  readonly #outcomes = new Map<string, Promise<number>>();

  /**
   * Runs `work` unless it ran or runs for this key. `repeated` says so. What fails before its logs are taken is
   * forgotten with `forget`, so that it can come again.
   */
  once(
    key: string | undefined,
    work: () => Promise<number>,
  ): { readonly outcome: Promise<number>; readonly repeated: boolean } {
    if (key === undefined) return { outcome: work(), repeated: false };
    const known = this.#outcomes.get(key);
    if (known) return { outcome: known, repeated: true };
    const outcome = work();
    this.#outcomes.set(key, outcome);
    if (this.#outcomes.size > maxKnown) {
      const [oldest] = this.#outcomes.keys();
      if (oldest !== undefined) this.#outcomes.delete(oldest);
    }
    return { outcome, repeated: false };
  }

  forget(key: string | undefined): void {
    if (key !== undefined) this.#outcomes.delete(key);
  }
}
