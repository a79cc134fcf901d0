import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Secret } from "../_net/secret.ts";
import type { AuthSettings, HmacSettings } from "./settings.ts";

/** A proof that needs nothing but the headers, or one that needs the body as it was sent. */
export interface Proof {
  readonly needsBody: boolean;
  /** `now` in milliseconds since 1970. Takes the same time whatever is wrong. */
  holds(headers: IncomingHttpHeaders, body: Buffer, now: number): boolean;
}

/** Makes the proofs of a route. Throws where a secret is missing. */
export const proofsOf = (list: readonly AuthSettings[], baseDir: string): Proof[] =>
  list.map((settings) => proofOf(settings, baseDir));

function proofOf(settings: AuthSettings, baseDir: string): Proof {
  switch (settings.type) {
    case "bearer": {
      const token = new Secret(settings.token, baseDir);
      return authorization("Bearer", () => token.bytes);
    }
    case "basic": {
      const password = new Secret(settings.password, baseDir);
      const user = Buffer.from(`${settings.user}:`);
      return authorization("Basic", () =>
        Buffer.from(Buffer.concat([user, password.bytes]).toString("base64")),
      );
    }
    case "hmac":
      return signature(settings, new Secret(settings.secret, baseDir));
  }
}

function authorization(scheme: string, expected: () => Buffer): Proof {
  const form = new RegExp(`^${scheme} +(\\S{1,8192}) *$`, "i");
  return {
    needsBody: false,
    // Node reads the bytes of headers as Latin-1.
    holds: ({ authorization: value = "" }) =>
      same(Buffer.from(form.exec(value)?.[1] ?? "", "latin1"), expected()),
  };
}

function signature(settings: HmacSettings, secret: Secret): Proof {
  const { algorithm, encoding, prefix, signed, toleranceSeconds } = settings;
  const header = settings.header.toLowerCase();
  const sign = (...parts: (string | Buffer)[]): Buffer => {
    const hmac = createHmac(algorithm, secret.bytes);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const matches = (given: string, wanted: Buffer): boolean =>
    given.startsWith(prefix) && same(Buffer.from(given.slice(prefix.length), encoding), wanted);
  return {
    needsBody: true,
    holds: (headers, body, now) => {
      const value = String(headers[header] ?? "").slice(0, 4_096);
      if (signed === "body") return matches(value.trim(), sign(body));
      const parts = value.split(",").map((part) => part.trim());
      const time = parts.find((part) => /^t=\d{1,12}$/.test(part))?.slice(2) ?? "";
      const wanted = sign(`${time}.`, body);
      // All are compared, so that the time does not tell which one was near.
      const found = parts.map((part) => matches(part, wanted)).includes(true);
      return found && Math.abs(now / 1_000 - Number(time)) <= toleranceSeconds;
    },
  };
}

/** Compares in a time that tells nothing, lengths included. */
const same = (given: Buffer, expected: Buffer): boolean => timingSafeEqual(digest(given), digest(expected));
const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
