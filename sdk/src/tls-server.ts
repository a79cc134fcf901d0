import { z } from "zod";

const file = z.string().min(1).max(4_096);

/** How a listener proves itself and whom it believes. */
export const tlsServerSettings = z.strictObject({
  certFile: file.describe("Certificate of this listener with its chain, PEM. Read again when it changes."),
  keyFile: file.describe("Private key of the certificate, PEM, readable by this program only."),
  clientCaFile: file
    .optional()
    .describe("Certificate authorities, PEM: only senders with a certificate of theirs are taken."),
});
export type TlsServerSettings = z.infer<typeof tlsServerSettings>;

/** What a TLS server is made of, apart from its certificate. */
export const tlsServerOptions = ({ clientCaFile }: Pick<TlsServerSettings, "clientCaFile">) => ({
  minVersion: "TLSv1.2" as const,
  requestCert: clientCaFile !== undefined,
  rejectUnauthorized: clientCaFile !== undefined,
  handshakeTimeout: 10_000,
});
