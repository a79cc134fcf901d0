import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { EngineError } from "./errors.ts";

/** May write, or only read. */
export type Role = "writer" | "reader";

export interface User {
  readonly name: string;
  readonly key: string;
  readonly role: Role;
}

/** Finds who asks, by basic authorization or the X-ClickHouse headers. Throws 516 without telling which half was wrong. */
export function authenticate(request: IncomingMessage, users: readonly User[]): User {
  const [name, key] = credentialsOf(request);
  const user = users.find((candidate) => equal(candidate.name, name) && equal(candidate.key, key));
  if (user) return user;
  throw new EngineError(516, "AUTHENTICATION_FAILED", "The user or the key is wrong.");
}

function credentialsOf({ headers }: IncomingMessage): [string, string] {
  const name = headers["x-clickhouse-user"];
  if (typeof name === "string") return [name, String(headers["x-clickhouse-key"] ?? "")];
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? "")?.[1];
  const text = basic === undefined ? "" : Buffer.from(basic, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

// Digests first, because timingSafeEqual wants equal lengths and must not tell the length.
const digest = (text: string) => createHash("sha256").update(text).digest();
const equal = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));
