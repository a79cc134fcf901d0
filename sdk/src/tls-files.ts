import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Deps } from "./deps.ts";
import { messageOf } from "./errors.ts";

/** Keys of settings that name files of TLS. */
export type TlsKey = "certFile" | "keyFile" | "caFile" | "clientCaFile";

/** Files of TLS by the keys that name them. */
export type TlsPaths = { readonly [key in TlsKey]?: string | undefined };

/** What they hold, PEM, as `node:tls` takes it. */
export interface TlsContent {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly ca?: Buffer;
}

/** What was found in one file. */
export interface TlsFinding {
  readonly key: TlsKey;
  /** Its whole path. */
  readonly file: string;
  /** When the first certificate of it ends, in milliseconds since 1970; undefined where there is none. */
  readonly endsAt?: number;
  /** How long it is good for in all, in milliseconds. */
  readonly lifeMs?: number;
  /** Why it cannot be used, with the name of the file; a sentence without its full stop. */
  readonly problem?: string;
}

const keys = ["certFile", "keyFile", "caFile", "clientCaFile"] as const;

/** The files of one side of TLS, read again when they change. */
export class TlsFiles {
  readonly #paths: TlsPaths;
  #seen = "";
  #endsAt: number | undefined;
  /** Why the newest files are not in use; undefined when they are. */
  problem: string | undefined;

  /** Relative paths start at `baseDir`. */
  constructor(paths: TlsPaths, baseDir: string) {
    this.#paths = Object.fromEntries(
      keys.flatMap((key) => {
        const path = paths[key];
        return path === undefined ? [] : [[key, resolve(baseDir, path)]];
      }),
    );
  }

  /** Their whole paths, for what is told to people. */
  get paths(): TlsPaths {
    return this.#paths;
  }

  /** Reads them. Throws where a file is missing, holds something else, or the key does not belong to the certificate. */
  read(): TlsContent {
    this.#seen = this.#state();
    const found = examineTlsFiles(this.#paths, "");
    const wrong = found.find(({ problem }) => problem !== undefined);
    if (wrong) throw new Error(wrong.problem);
    this.#endsAt = found.find(({ key }) => key === "certFile")?.endsAt;
    const { certFile, keyFile, caFile, clientCaFile } = this.#paths;
    const ca = clientCaFile ?? caFile;
    return {
      ...(certFile && { cert: readFileSync(certFile) }),
      ...(keyFile && { key: readFileSync(keyFile) }),
      ...(ca && { ca: readFileSync(ca) }),
    };
  }

  /** When the certificate that was read last ends, in milliseconds since 1970; undefined where there is none. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  /** Whether they are other files than those that were read. */
  get changed(): boolean {
    return this.#state() !== this.#seen;
  }

  /** Looks every `everyMs` whether they changed and gives them to `use`. What cannot be read leaves the old ones. */
  watch(
    use: (content: TlsContent) => void,
    { log, signal }: Pick<Deps, "log" | "signal">,
    everyMs = 10_000,
  ): void {
    const timer = setInterval(() => {
      if (!this.changed) return;
      try {
        use(this.read());
        this.problem = undefined;
        log.info({ certFile: this.#paths.certFile }, "A changed certificate is in use.");
      } catch (error) {
        this.problem = messageOf(error);
        log.error(
          { error, certFile: this.#paths.certFile },
          "A changed certificate cannot be used; the old one stays.",
        );
      }
    }, everyMs).unref();
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  #state(): string {
    return keys
      .map((key) => {
        const path = this.#paths[key];
        const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
        return stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : "";
      })
      .join(" ");
  }
}

/** Reads files of TLS and says of each what is in it, and whether it can be used. Never throws. */
export function examineTlsFiles(paths: TlsPaths, baseDir: string): TlsFinding[] {
  let certificate: X509Certificate | undefined;
  return keys.flatMap((key): TlsFinding[] => {
    const path = paths[key];
    if (path === undefined) return [];
    const file = resolve(baseDir, path);
    try {
      const pem = readFileSync(file);
      if (key !== "keyFile") {
        const found = firstCertificate(pem);
        if (key === "certFile") certificate = found;
        const endsAt = found.validToDate.getTime();
        return [{ key, file, endsAt, lifeMs: endsAt - found.validFromDate.getTime() }];
      }
      const fits = certificate?.checkPrivateKey(createPrivateKey(pem)) ?? true;
      if (!fits) throw new Error("its key is not that of the certificate");
      return [{ key, file }];
    } catch (error) {
      return [{ key, file, problem: `${file} (${key}) cannot be used: ${whyOf(error)}` }];
    }
  });
}

function firstCertificate(pem: Buffer): X509Certificate {
  if (!pem.includes("-----BEGIN CERTIFICATE-----"))
    throw new Error("there is no certificate in it (PEM, BEGIN CERTIFICATE)");
  return new X509Certificate(pem);
}

function whyOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES") return "this user may not read it";
  if (code === "ERR_OSSL_UNSUPPORTED" || messageOf(error).includes("no start line"))
    return "there is no private key in it (PEM)";
  return messageOf(error);
}
