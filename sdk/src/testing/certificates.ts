import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, as PEM files. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes certificates with the machine's openssl, valid for a day. */
export class TestAuthority {
  readonly caFile: string;
  readonly #dir: string;
  readonly #caKey: string;

  constructor(dir: string, name = "ca") {
    this.#dir = dir;
    this.caFile = join(dir, `${name}.pem`);
    this.#caKey = join(dir, `${name}.key`);
    openssl(
      "req",
      "-x509",
      ...newKey(this.#caKey),
      "-out",
      this.caFile,
      "-days",
      "1",
      "-subj",
      `/CN=${name}`,
    );
  }

  /** A certificate for 127.0.0.1 and localhost under the given name; with 0 days or fewer it has ended. */
  issue(
    name: string,
    {
      names = "IP:127.0.0.1,DNS:localhost",
      days = 1,
    }: { readonly names?: string; readonly days?: number } = {},
  ): CertificateFiles {
    const files = { certFile: join(this.#dir, `${name}.pem`), keyFile: join(this.#dir, `${name}.key`) };
    const request = join(this.#dir, `${name}.csr`);
    const extensions = join(this.#dir, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    openssl("req", ...newKey(files.keyFile), "-out", request, "-subj", `/CN=${name}`);
    const signed = ["-CA", this.caFile, "-CAkey", this.#caKey, "-CAcreateserial", "-days", `${days}`];
    openssl("x509", "-req", "-in", request, ...signed, "-extfile", extensions, "-out", files.certFile);
    return files;
  }
}

const newKey = (file: string): string[] => [
  "-newkey",
  "ec",
  "-pkeyopt",
  "ec_paramgen_curve:prime256v1",
  "-nodes",
  "-keyout",
  file,
];

/** Why there are no certificates here; undefined where there is an openssl. In CI a missing one is a failure. */
export function noOpenssl(): string | undefined {
  try {
    openssl("version");
    return undefined;
  } catch {
    return process.env["CI"] === "true" ? undefined : "skipped: there is no openssl on this machine";
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
