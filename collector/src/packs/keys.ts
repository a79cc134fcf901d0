import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { refused } from "./refusal.ts";

const mark = "ed25519:";
/** What comes before the 32 bytes of a key in SPKI (RFC 8410). */
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

/** Makes a key to sign with: a private key in PEM (PKCS #8), and the public one as configurations name it. */
export function newSigningKey(): { readonly privatePem: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const privatePem = privateKey.export({ type: "pkcs8", format: "pem" });
  return { privatePem: String(privatePem), publicKey: publicText(publicKey) };
}

/** A public key of a configuration: `ed25519:` and 32 bytes in base64. Throws `pack.refused`. */
export function publicKeyOf(text: string): KeyObject {
  const raw = Buffer.from(text.startsWith(mark) ? text.slice(mark.length) : "", "base64");
  if (raw.length !== 32 || `${mark}${raw.toString("base64")}` !== text)
    throw refused(`"${text.slice(0, 80)}" is no public key; write ed25519: and 32 bytes in base64.`);
  return createPublicKey({ key: Buffer.concat([spkiHead, raw]), format: "der", type: "spki" });
}

/** A private key of a PEM file. Throws `pack.refused` where it is none, or of another kind. */
export function privateKeyOf(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw refused("This is no private key in PEM.", error);
  }
  if (key.asymmetricKeyType !== "ed25519")
    throw refused(`The key is of the kind ${key.asymmetricKeyType}; packs are signed with Ed25519.`);
  return key;
}

/** A public key as configurations name it, also of a private one. */
export function publicText(key: KeyObject): string {
  const spki = (key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "der" });
  return `${mark}${spki.subarray(spkiHead.length).toString("base64")}`;
}

/** What signatures call a key. */
export const keyIdOf = (publicKey: string): string =>
  createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
