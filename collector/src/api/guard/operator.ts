import { TargetList } from "@vedette/sdk";
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "./access.ts";

/** Who is told from where the API is used. */
interface Listener {
  readonly config: { readonly trustedProxies: readonly string[] };
  heard(address: string, name: string): Promise<void>;
}

/** Tells from which address a caller asks: actions spare it. Stands behind `access`, so strangers are not told of. */
export function noteOperator(listener: Listener | undefined): MiddlewareHandler<ApiEnv> {
  const trusted = new TargetList(
    (listener?.config.trustedProxies ?? []).map((entry) => ({ entry, why: "a proxy" })),
  );
  return createMiddleware<ApiEnv>(async (c, next) => {
    const address = listener && addressOf(c, trusted);
    if (address !== undefined) await listener?.heard(address, c.get("caller").name);
    return next();
  });
}

/** The peer, or behind trusted proxies the last address in X-Forwarded-For that is none of them. */
function addressOf(c: Context<ApiEnv>, trusted: TargetList): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  const isProxy = (address: string): boolean => trusted.contains({ type: "ip", value: address });
  const forwarded = (c.req.header("x-forwarded-for") ?? "").slice(-1_000).split(",");
  let address = incoming?.socket?.remoteAddress;
  while (address !== undefined && isProxy(address)) {
    const before = forwarded.pop()?.trim();
    if (before === undefined || before === "") break;
    address = before;
  }
  return address;
}
