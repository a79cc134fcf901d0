import { createHash, X509Certificate } from "node:crypto";
import type { Clock } from "@vedette/sdk";
import {
  authoritySealedAs,
  type ControlDatabase,
  type SecretBox,
  takeSealingTurn,
} from "../control/index.ts";
import type { Signer } from "./x509.ts";

/** The authority of a control database, whose collectors all sign with it. Its certificate's SHA-256 is what tokens pin. */
export interface Authority {
  readonly signer: Signer;
  readonly fingerprint: Buffer;
}

/**
 * Opens the authority, made where there is none yet: several that come at once get the same one. Throws `secret.key` where
 * there is no key to seal it with, and `secret.unreadable`.
 */
export async function openAuthority(
  database: ControlDatabase,
  box: SecretBox,
  clock: Clock,
): Promise<Authority> {
  // Large, and needed by collectors that enrol agents only.
  const { makeAuthority, Signer: Opened } = await import("./x509.ts");
  const stored = await database.transaction().execute(async (transaction) => {
    const now = clock.now();
    await takeSealingTurn(transaction, now);
    const there = await transaction
      .selectFrom("authorities")
      .selectAll()
      .orderBy("created_at")
      .executeTakeFirst();
    if (there)
      return {
        id: there.id,
        certificate: there.certificate,
        key: box.open(authoritySealedAs(there.id), there.sealed),
      };
    const made = await makeAuthority(now);
    const id = fingerprintOf(new X509Certificate(made.certificate).raw).toString("hex");
    const sealed = box.seal(authoritySealedAs(id), made.key);
    await transaction
      .insertInto("authorities")
      .values({ id, certificate: made.certificate, sealed, created_at: now })
      .execute();
    return { ...made, id };
  });
  return { signer: await Opened.open(stored), fingerprint: Buffer.from(stored.id, "hex") };
}

const fingerprintOf = (der: Buffer): Buffer => createHash("sha256").update(der).digest();
