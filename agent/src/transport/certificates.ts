import type { ClientTls } from "@vedette/core/grpc";
import { examineTlsFiles, messageOf, TlsFiles, VedetteError } from "@vedette/sdk";
import type { CollectorTls } from "../config/index.ts";

/** What an agent proves itself with to its collector, read for each connection. */
export class Certificates {
  readonly #files: TlsFiles;
  readonly #serverName: string | undefined;

  /** Relative paths start at `baseDir`. */
  constructor(settings: CollectorTls, baseDir: string) {
    this.#files = new TlsFiles(settings, baseDir);
    this.#serverName = settings.serverName;
  }

  /** Whether the files are others than those of the last connection. */
  get changed(): boolean {
    return this.#files.changed;
  }

  /** Where they lie, for the log. */
  get paths() {
    const { caFile, certFile } = this.#files.paths;
    return { ...(caFile && { caFile }), ...(certFile && { certFile }) };
  }

  /** Reads them. Throws `transport.certificate` where they cannot be used at `now`, in milliseconds since 1970. */
  read(now: number): ClientTls {
    try {
      const content = this.#files.read();
      const ended = examineTlsFiles(this.#files.paths, "").find(
        ({ key, endsAt }) => key === "certFile" && endsAt !== undefined && endsAt <= now,
      );
      if (ended)
        throw new Error(
          `The certificate ${ended.file} ended at ${new Date(ended.endsAt ?? 0).toISOString()}`,
        );
      return { ...content, ...(this.#serverName !== undefined && { servername: this.#serverName }) };
    } catch (error) {
      const verdict = { verdict: "retry" } as const;
      throw new VedetteError("transport.certificate", messageOf(error), verdict, { cause: error });
    }
  }
}
