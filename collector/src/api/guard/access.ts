import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { Scope } from "../../control/index.ts";
import type { ApiDeps } from "../deps.ts";
import { Problem } from "../problem.ts";
import { isOwnHost, isOwnOrigin } from "./host-check.ts";

/** Who asks: a key, or anyone while the API is open. */
export interface Caller {
  readonly keyId?: string;
  /** By which people know who did something: the key's name, or `local` while the API is open. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface ApiEnv {
  Variables: { caller: Caller };
}

const realm = { "www-authenticate": 'Bearer realm="vedette"' };
const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets a request through that has a valid key with the scope, or any request while the API is open: bound to loopback
 * and no key made yet. While it is open, the Host and Origin headers must be this machine's.
 */
export function access(
  deps: ApiDeps,
  needed: Scope,
  { basic = false }: { readonly basic?: boolean } = {},
): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const secret = secretOf(c) || (basic ? passwordOf(c) : undefined) || secretOf(c);
    if (secret === undefined && deps.loopback && !(await deps.keys.any())) {
      checkOpenRequest(c, deps.hosts ?? []);
      c.set("caller", { name: "local", scopes: ["read", "admin"] });
      return next();
    }
    if (secret === undefined)
      throw new Problem("key-needed", "This collector answers only with an API key.", keyCure, realm);
    const key = await deps.keys.verify(secret);
    if (!key) throw new Problem("key-needed", "The API key is unknown, expired or revoked.", keyCure, realm);
    if (!grants(key.scopes, needed))
      throw new Problem("not-allowed", `The key "${key.name}" has no scope "${needed}".`, {
        cure: `Use a key with the scope ${needed} or admin.`,
      });
    c.set("caller", { keyId: key.id, name: key.name, scopes: key.scopes });
    return next();
  });
}

/** Who administers may do everything, who works on alerts also reads, and who reads may read the block lists. */
const grants = (scopes: readonly Scope[], needed: Scope): boolean =>
  scopes.includes(needed) ||
  scopes.includes("admin") ||
  (needed === "read" && scopes.includes("operate")) ||
  (needed === "feed" && (scopes.includes("read") || scopes.includes("operate")));

const keyCure = {
  cure: "Send it as `Authorization: Bearer …` or `X-API-Key: …`; `vedette key create NAME` makes one.",
};

function secretOf(c: Context): string | undefined {
  const header = c.req.header("x-api-key");
  if (header !== undefined) return header.slice(0, 256);
  const bearer = /^Bearer +(\S{1,256})$/i.exec(c.req.header("authorization") ?? "");
  return bearer?.[1] ?? (c.req.header("authorization") === undefined ? undefined : "");
}

/** The password of HTTP Basic (RFC 7617): some firewalls can send nothing else. Only for what a browser gains nothing by. */
function passwordOf(c: Context): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]{1,512})$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1).slice(0, 256);
}

function checkOpenRequest(c: Context, hosts: readonly string[]): void {
  const host = c.req.header("host");
  if (!isOwnHost(host, hosts))
    throw new Problem("wrong-host", `The host "${(host ?? "").slice(0, 80)}" is not this machine.`, {
      cure: "Use http://localhost or http://127.0.0.1, or make an API key first.",
    });
  if (!safe.has(c.req.method) && !isOwnOrigin(c.req.header("origin"), host))
    throw new Problem("not-allowed", "The request comes from a page of another site.");
}
