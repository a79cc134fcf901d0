import { createPublicKey, type KeyObject, sign } from "node:crypto";

/**
 * A certificate request (PKCS#10, RFC 2986) of a P-256 key, DER. It says nothing but the key: the collector decides on the rest. These few
 * bytes are written here, as a library for certificates would be a tenth of the one-file agent.
 */
export function writeRequest(key: KeyObject): Buffer {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const version = der(0x02, Buffer.from([0]));
  const subject = der(0x30);
  const attributes = der(0xa0);
  const info = der(0x30, version, subject, publicKey, attributes);
  const noUnusedBits = Buffer.from([0]);
  return der(0x30, info, ecdsaWithSha256, der(0x03, noUnusedBits, sign("sha256", info, key)));
}

const ecdsaWithSha256 = Buffer.from("300a06082a8648ce3d040302", "hex");

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
