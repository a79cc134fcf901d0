// The library resolves its parts by metadata, which this must have prepared first.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { agentUri } from "@vedette/sdk";

cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
/** A certificate is good from so long before it is made, for hosts whose clocks are behind. */
const skewMs = 10 * 60_000;
const authorityMs = 3_650 * 86_400_000;

/** An authority as it is kept: PEM. */
export interface StoredAuthority {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that was made. */
export interface Certificate {
  readonly der: Buffer;
  readonly pem: string;
  /** Hexadecimal, in small letters. */
  readonly serial: string;
  /** In milliseconds since 1970. */
  readonly endsAt: number;
}

/** Whom a certificate is for. */
export type CertificateSubject =
  | { readonly agentId: string }
  /** Names and addresses of a server. */
  | { readonly names: readonly string[] };

/** A request that is not signed by the key it names, is none, or is of another kind of key. */
export class RequestError extends Error {}

/** Makes an authority that certificates of agents and servers are of. `now` in milliseconds since 1970. */
export async function makeAuthority(now: number): Promise<StoredAuthority> {
  const keys = await newKeys();
  const flags = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Vedette authority ${randomBytes(4).toString("hex")}`,
    notBefore: new Date(now - skewMs),
    notAfter: new Date(now + authorityMs),
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(flags, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await writeKey(keys.privateKey) };
}

/** Signs with a stored authority. */
export class Signer {
  readonly #certificate: X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(certificate: X509Certificate, key: webcrypto.CryptoKey) {
    this.#certificate = certificate;
    this.#key = key;
  }

  static async open({ certificate, key }: StoredAuthority): Promise<Signer> {
    const der = Buffer.from(key.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
    const signing = await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
    return new Signer(new X509Certificate(certificate), signing as webcrypto.CryptoKey);
  }

  get der(): Buffer {
    return Buffer.from(this.#certificate.rawData);
  }

  get pem(): string {
    return this.#certificate.toString("pem");
  }

  /** A certificate for the key of a request. Throws a RequestError. */
  async sign(
    request: Uint8Array,
    subject: CertificateSubject,
    now: number,
    lifeMs: number,
  ): Promise<Certificate> {
    const { publicKey } = await readRequest(request);
    const key = await publicKey.export(algorithm, ["verify"]);
    return this.#issue(key, subject, now, lifeMs);
  }

  /** A certificate with a new key, PEM. */
  async make(
    subject: CertificateSubject,
    now: number,
    lifeMs: number,
  ): Promise<{ readonly certificate: Certificate; readonly key: string }> {
    const keys = await newKeys();
    const certificate = await this.#issue(keys.publicKey, subject, now, lifeMs);
    return { certificate, key: await writeKey(keys.privateKey) };
  }

  async #issue(
    publicKey: webcrypto.CryptoKey,
    subject: CertificateSubject,
    now: number,
    lifeMs: number,
  ): Promise<Certificate> {
    const serial = newSerial();
    // It never outlives the authority, which would make it worthless in silence.
    const endsAt = Math.min(now + lifeMs, this.#certificate.notAfter.getTime());
    const isAgent = "agentId" in subject;
    const usage = isAgent ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
    const made = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: isAgent ? "CN=Vedette agent" : "CN=Vedette collector",
      issuer: this.#certificate.subject,
      notBefore: new Date(now - skewMs),
      notAfter: new Date(endsAt),
      publicKey,
      signingKey: this.#key,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        new SubjectAlternativeNameExtension(
          isAgent ? [{ type: "url", value: agentUri(subject.agentId) }] : subject.names.map(nameOf),
        ),
        await AuthorityKeyIdentifierExtension.create(this.#certificate),
        await SubjectKeyIdentifierExtension.create(publicKey),
      ],
    });
    return {
      der: Buffer.from(made.rawData),
      pem: made.toString("pem"),
      serial,
      endsAt: made.notAfter.getTime(),
    };
  }
}

/** The public key of a request, DER, that it proved to have. Throws a RequestError. */
export async function keyOfRequest(request: Uint8Array): Promise<Buffer> {
  return Buffer.from((await readRequest(request)).publicKey.rawData);
}

async function readRequest(bytes: Uint8Array): Promise<Pkcs10CertificateRequest> {
  let request: Pkcs10CertificateRequest;
  let isSigned = false;
  try {
    request = new Pkcs10CertificateRequest(Uint8Array.from(bytes));
    isSigned = await request.verify();
  } catch (error) {
    throw new RequestError("The certificate request does not decode.", { cause: error });
  }
  const { name, namedCurve } = request.publicKey.algorithm as { name?: string; namedCurve?: string };
  if (name !== algorithm.name || namedCurve !== algorithm.namedCurve)
    throw new RequestError("The certificate request needs a key of the curve P-256.");
  if (!isSigned) throw new RequestError("The certificate request is not signed by its own key.");
  return request;
}

const nameOf = (name: string): JsonGeneralName => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name });

const newKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;

/** 16 bytes that make a positive number in DER. */
const newSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
};

async function writeKey(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${text.replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
}
