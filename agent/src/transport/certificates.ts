import type { ClientTls } from "@vedette/core/grpc";
import { messageOf, TlsFiles, VedetteError } from "@vedette/sdk";
import type { CollectorTls } from "../config/index.ts";
import { enrolmentFile, enrolmentState, readEnrolment } from "../enrol/index.ts";

/** What an agent proves itself with to its collector, read for each connection. */
export interface Certificates {
  /** Whether the files are others than those of the last connection. */
  readonly changed: boolean;
  /** Where they lie, for the log. */
  readonly paths: Readonly<Record<string, string>>;
  /** Reads them. Throws `transport.certificate` where they cannot be used at `now`, in milliseconds since 1970. */
  read(now: number): ClientTls;
}

/** Whether settings leave it to what `vedette enroll` keeps in the state folder. */
export const isEnrolled = ({ caFile, certFile }: CollectorTls): boolean =>
  caFile === undefined && certFile === undefined;

/** Relative paths start at `baseDir`; `stateDir` is where a host keeps its enrolment. */
export const openCertificates = (settings: CollectorTls, baseDir: string, stateDir: string): Certificates =>
  isEnrolled(settings)
    ? new EnrolledCertificates(settings, stateDir)
    : new CertificateFiles(settings, baseDir);

/** Files that the configuration names. */
class CertificateFiles implements Certificates {
  readonly #files: TlsFiles;
  readonly #serverName: string | undefined;

  constructor(settings: CollectorTls, baseDir: string) {
    this.#files = new TlsFiles(settings, baseDir);
    this.#serverName = settings.serverName;
  }

  get changed(): boolean {
    return this.#files.changed;
  }

  get paths() {
    const { caFile, certFile } = this.#files.paths;
    return { ...(caFile && { caFile }), ...(certFile && { certFile }) };
  }

  read(now: number): ClientTls {
    return usable(() => {
      const content = this.#files.read();
      const { endsAt, paths } = this.#files;
      if (endsAt !== undefined) requireGood(`The certificate ${paths.certFile}`, endsAt, now);
      return { ...content, ...(this.#serverName !== undefined && { servername: this.#serverName }) };
    });
  }
}

/** What enrolment left in the state folder. */
class EnrolledCertificates implements Certificates {
  readonly #stateDir: string;
  readonly #serverName: string | undefined;
  #seen = "";

  constructor({ serverName }: CollectorTls, stateDir: string) {
    this.#stateDir = stateDir;
    this.#serverName = serverName;
  }

  get changed(): boolean {
    return enrolmentState(this.#stateDir) !== this.#seen;
  }

  get paths() {
    return { enrolment: enrolmentFile(this.#stateDir) };
  }

  read(now: number): ClientTls {
    return usable(() => {
      this.#seen = enrolmentState(this.#stateDir);
      const found = readEnrolment(this.#stateDir);
      if (!found)
        throw new Error(
          `This host is not enrolled: there is no ${enrolmentFile(this.#stateDir)}. Run vedette enroll, or name agent.collector.tls.caFile`,
        );
      requireGood(`The certificate of this agent (${enrolmentFile(this.#stateDir)})`, found.endsAt, now);
      const { authority: ca, certificate: cert, key } = found;
      return { ca, cert, key, ...(this.#serverName !== undefined && { servername: this.#serverName }) };
    });
  }
}

function requireGood(what: string, endsAt: number, now: number): void {
  if (endsAt <= now) throw new Error(`${what} ended at ${new Date(endsAt).toISOString()}`);
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new VedetteError("transport.certificate", messageOf(error), { verdict: "retry" }, { cause: error });
  }
}
