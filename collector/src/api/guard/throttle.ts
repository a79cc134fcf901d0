import type { Clock } from "@vedette/sdk";
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../problem.ts";
import type { ApiEnv } from "./access.ts";

/** Bounds of what one client may ask. A client is a key, or an address while there is none. */
export interface ThrottleLimits {
  /** Requests at the same time. */
  readonly concurrent: number;
  /** Requests a second, on average; up to `burst` at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** Clients remembered; the one silent for longest is forgotten first. */
  readonly clients: number;
}

export const defaultThrottle: ThrottleLimits = { concurrent: 24, perSecond: 50, burst: 150, clients: 10_000 };

interface Client {
  running: number;
  tokens: number;
  seen: number;
}

/** Refuses what is over the bounds with 429 and a Retry-After. */
export function throttle(clock: Clock, bounds: ThrottleLimits = defaultThrottle): MiddlewareHandler<ApiEnv> {
  const clients = new Map<string, Client>();
  return createMiddleware<ApiEnv>(async (c, next) => {
    const client = clientOf(clients, clientName(c), clock.now(), bounds);
    if (client.tokens < 1) throw busy("This client asks too often.", 1);
    if (client.running >= bounds.concurrent)
      throw busy(`This client has ${bounds.concurrent} requests running already.`, 1);
    client.tokens -= 1;
    client.running += 1;
    try {
      await next();
    } finally {
      client.running -= 1;
    }
  });
}

function clientOf(clients: Map<string, Client>, name: string, now: number, bounds: ThrottleLimits): Client {
  const known = clients.get(name);
  const client = known ?? { running: 0, tokens: bounds.burst, seen: now };
  // A clock that was set back earns nothing, and costs nothing either.
  const seconds = Math.max(0, now - client.seen) / 1000;
  client.tokens = Math.min(bounds.burst, client.tokens + seconds * bounds.perSecond);
  client.seen = now;
  // Setting anew moves it to the end: the map is in the order of use.
  clients.delete(name);
  clients.set(name, client);
  if (clients.size > bounds.clients) clients.delete(clients.keys().next().value!);
  return client;
}

function clientName(c: Context<ApiEnv>): string {
  const key = c.get("caller")?.keyId;
  if (key !== undefined) return `key ${key}`;
  const bindings = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return `address ${bindings?.incoming?.socket?.remoteAddress ?? "unknown"}`;
}

const busy = (detail: string, seconds: number): Problem =>
  new Problem(
    "too-many-requests",
    detail,
    { cure: `Wait ${seconds} s and try again.` },
    { "retry-after": String(seconds) },
  );
