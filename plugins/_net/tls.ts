import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { type Deps, messageOf } from "@vedette/sdk";
import { z } from "zod";

const file = z.string().min(1).max(4_096);

/** How a listener proves itself and whom it believes. */
export const tlsSettings = z.strictObject({
  certFile: file.describe("Certificate of this listener with its chain, PEM. Read again when it changes."),
  keyFile: file.describe("Private key of the certificate, PEM, readable by the agent only."),
  clientCaFile: file
    .optional()
    .describe("Certificate authorities, PEM: only senders with a certificate of theirs are taken."),
});
export type TlsSettings = z.infer<typeof tlsSettings>;

/** What a TLS server is made of, apart from its certificate. */
export const tlsOptions = ({ clientCaFile }: TlsSettings) => ({
  minVersion: "TLSv1.2" as const,
  requestCert: clientCaFile !== undefined,
  rejectUnauthorized: clientCaFile !== undefined,
  handshakeTimeout: 10_000,
});

/** The files of a listener's certificate, read again when they change. */
export class TlsFiles {
  readonly #paths: { readonly cert: string; readonly key: string; readonly ca: string | undefined };
  #seen = "";
  /** Why the newest files are not in use; undefined when they are. */
  problem: string | undefined;

  constructor({ certFile, keyFile, clientCaFile }: TlsSettings, baseDir: string) {
    const at = (path: string): string => resolve(baseDir, path);
    this.#paths = { cert: at(certFile), key: at(keyFile), ca: clientCaFile && at(clientCaFile) };
  }

  /** Reads them. Throws where a file is missing or the key does not belong to the certificate. */
  read(): SecureContextOptions {
    const { cert, key, ca } = this.#paths;
    this.#seen = this.#state();
    const options = { cert: readFileSync(cert), key: readFileSync(key), ...(ca && { ca: readFileSync(ca) }) };
    createSecureContext(options);
    return options;
  }

  /** Looks every `everyMs` whether they changed and gives them to `use`. What cannot be read leaves the old ones. */
  watch(use: (options: SecureContextOptions) => void, { log, signal }: Deps, everyMs = 10_000): void {
    const timer = setInterval(() => {
      if (this.#state() === this.#seen) return;
      try {
        use(this.read());
        this.problem = undefined;
        log.info({ certFile: this.#paths.cert }, "A changed certificate is in use.");
      } catch (error) {
        this.problem = messageOf(error);
        log.error(
          { error, certFile: this.#paths.cert },
          "A changed certificate cannot be used; the old one stays.",
        );
      }
    }, everyMs).unref();
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  #state(): string {
    return [this.#paths.cert, this.#paths.key, this.#paths.ca]
      .map((path) => {
        const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
        return stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : "";
      })
      .join(" ");
  }
}
