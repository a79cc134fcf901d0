import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { keyIdOf, publicKeyOf, publicText } from "./keys.ts";
import { type PackManifest, packManifest } from "./manifest.ts";
import { refused } from "./refusal.ts";

/*
 * A pack is one file: a line with its format, a line with a DSSE envelope (Dead Simple Signing Envelope 1.0,
 * secure-systems-lab/dsse) around its manifest, and the files of the manifest, one behind the other. What is signed is the
 * manifest, which has the digest of every file: one signature, and nothing is parsed before it was checked.
 */

const magic = "vedette-pack/1";
const payloadType = "application/vnd.vedette.pack.v1+json";
/** Most bytes of the line with the envelope: a manifest of ten thousand files has some two millions. */
const maxEnvelopeBytes = 8 << 20;

const envelopeShape = z.strictObject({
  payloadType: z.literal(payloadType),
  payload: z.base64(),
  signatures: z.array(z.strictObject({ keyid: z.string().max(64), sig: z.base64().max(200) })).max(16),
});
type Envelope = z.infer<typeof envelopeShape>;

/** A key that is trusted, and for which packs. */
export interface TrustedKey {
  /** As configurations name it. */
  readonly key: string;
  /** Names of packs; `*` at the end stands for the rest. */
  readonly packs: readonly string[];
}

/** A file as it was opened: nothing of it is trusted yet. */
export interface SealedPack {
  readonly envelope: Envelope;
  /** The files, one behind the other. */
  readonly body: Buffer;
}

export interface VerifiedPack {
  readonly manifest: PackManifest;
  /** The trusted key that signed it. */
  readonly signedBy: string;
  /** By path. Each has the digest that the manifest names. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** DSSE's pre-authentication encoding: what is signed names its kind and lengths. */
const encoded = (payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Makes a pack of files, without a signature. Throws `pack.refused` where its manifest would be. */
export function buildPack(
  head: Omit<PackManifest, "format" | "files">,
  files: readonly { readonly path: string; readonly bytes: Buffer }[],
): SealedPack {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = checkedManifest({
    format: 1,
    ...head,
    files: sorted.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: digestOf(bytes) })),
  });
  const payload = Buffer.from(JSON.stringify(manifest)).toString("base64");
  const envelope = { payloadType, payload, signatures: [] } as const;
  return { envelope: { ...envelope, signatures: [] }, body: Buffer.concat(sorted.map(({ bytes }) => bytes)) };
}

/** Adds the signature of a key, in place of one that it made before. */
export function signPack({ envelope, body }: SealedPack, privateKey: KeyObject): SealedPack {
  const payload = Buffer.from(envelope.payload, "base64");
  const keyid = keyIdOf(publicText(privateKey));
  const sig = sign(null, encoded(payload), privateKey).toString("base64");
  const others = envelope.signatures.filter((each) => each.keyid !== keyid);
  return { envelope: { ...envelope, signatures: [...others, { keyid, sig }] }, body };
}

export const packBytes = (pack: SealedPack): Buffer => Buffer.concat([envelopeBytes(pack), pack.body]);

/** What comes before the files. */
export const envelopeBytes = ({ envelope }: SealedPack): Buffer =>
  Buffer.from(`${magic}\n${JSON.stringify(envelope)}\n`);

/** Opens a pack without trusting it. Throws `pack.refused` where it is none. */
export function openPack(bytes: Buffer): SealedPack {
  const first = bytes.indexOf("\n");
  if (first < 0 || bytes.toString("latin1", 0, Math.min(first, 64)) !== magic)
    throw refused(`This is no pack of the format ${magic}.`);
  const second = bytes.indexOf("\n", first + 1);
  if (second < 0 || second - first > maxEnvelopeBytes) throw refused("Its envelope does not end.");
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8", first + 1, second));
  } catch (error) {
    throw refused("Its envelope is no JSON.", error);
  }
  const envelope = envelopeShape.safeParse(parsed);
  if (!envelope.success) throw refused(`Its envelope is malformed: ${z.prettifyError(envelope.error)}`);
  return { envelope: envelope.data, body: bytes.subarray(second + 1) };
}

/** The manifest of a pack that nobody vouches for: to show it, and to sign it. Throws `pack.refused`. */
export function manifestOf({ envelope }: SealedPack): PackManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8"));
  } catch (error) {
    throw refused("Its manifest is no JSON.", error);
  }
  return checkedManifest(parsed);
}

function checkedManifest(value: unknown): PackManifest {
  const manifest = packManifest.safeParse(value);
  if (manifest.success) return manifest.data;
  throw refused(`Its manifest is malformed: ${z.prettifyError(manifest.error)}`);
}

const covers = ({ packs }: TrustedKey, name: string): boolean =>
  packs.some((each) => (each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : each === name));

/**
 * Checks the signature, then the manifest, then every file. Throws `pack.refused`; what is said does not depend on anything
 * that nobody signed.
 */
export function verifyPack(pack: SealedPack, trusted: readonly TrustedKey[]): VerifiedPack {
  const payload = encoded(Buffer.from(pack.envelope.payload, "base64"));
  const by = trusted.filter(({ key }) => {
    const publicKey = publicKeyOf(key);
    const keyid = keyIdOf(key);
    return pack.envelope.signatures.some(
      (each) => each.keyid === keyid && verify(null, payload, publicKey, Buffer.from(each.sig, "base64")),
    );
  });
  if (by.length === 0) {
    const keys = pack.envelope.signatures.length;
    throw refused(keys === 0 ? "It is not signed." : "None of its signatures is good and of a trusted key.");
  }
  const manifest = manifestOf(pack);
  const signer = by.find((each) => covers(each, manifest.name));
  if (!signer) throw refused(`The key that signed it is not trusted for packs named "${manifest.name}".`);
  return { manifest, signedBy: signer.key, files: filesOf(manifest, pack.body) };
}

function filesOf({ files }: PackManifest, body: Buffer): ReadonlyMap<string, Buffer> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total !== body.length)
    throw refused(`Its files have ${body.length} bytes, its manifest names ${total}.`);
  const found = new Map<string, Buffer>();
  let at = 0;
  for (const { path, size, sha256 } of files) {
    const bytes = body.subarray(at, at + size);
    at += size;
    if (digestOf(bytes) !== sha256) throw refused(`${path} is not what was signed: its digest differs.`);
    found.set(path, bytes);
  }
  return found;
}
