import { hostname, networkInterfaces } from "node:os";
import { type Deps, messageOf, type TlsContent } from "@vedette/sdk";
import type { Signer } from "./x509.ts";

type OwnDeps = Pick<Deps, "clock" | "log" | "signal">;

/** After this part of a certificate's life it is replaced. */
const renewAfter = 2 / 3;
const retryMs = 10_000;
/** The longest time that a timer takes. */
const mostMs = 2 ** 31 - 1;
const mostNames = 200;

/** The certificate of a collector, made by its own authority and never on disk, in the form that a listener takes. */
export class OwnCertificate {
  readonly #signer: Signer;
  readonly #names: readonly string[];
  readonly #lifeMs: number;
  readonly #deps: OwnDeps;
  #content: TlsContent = {};
  #renewAt = 0;

  private constructor(signer: Signer, names: readonly string[], lifeMs: number, deps: OwnDeps) {
    this.#signer = signer;
    this.#names = names;
    this.#lifeMs = lifeMs;
    this.#deps = deps;
  }

  /** Makes one for `names` and those of this host. */
  static async open(
    signer: Signer,
    names: readonly string[],
    lifeMs: number,
    deps: OwnDeps,
  ): Promise<OwnCertificate> {
    const all = [...new Set([...names, ...namesOfHost()])].slice(0, mostNames);
    const opened = new OwnCertificate(signer, all, lifeMs, deps);
    await opened.#renew();
    return opened;
  }

  read(): TlsContent {
    return this.#content;
  }

  /** Gives each later one to `use`, until the signal aborts. */
  watch(use: (content: TlsContent) => void): void {
    const { clock, log, signal } = this.#deps;
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number): void => {
      timer = setTimeout(() => void renew(), Math.min(Math.max(ms, 100), mostMs)).unref();
    };
    const renew = async (): Promise<void> => {
      if (clock.now() < this.#renewAt) return wait(this.#renewAt - clock.now());
      try {
        await this.#renew();
        use(this.#content);
        wait(this.#renewAt - clock.now());
      } catch (error) {
        log.error(
          { reason: messageOf(error) },
          "The collector's certificate could not be renewed, will retry.",
        );
        wait(retryMs);
      }
    };
    wait(this.#renewAt - clock.now());
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  async #renew(): Promise<void> {
    const now = this.#deps.clock.now();
    const { certificate, key } = await this.#signer.make({ names: this.#names }, now, this.#lifeMs);
    const ca = this.#signer.pem;
    // With its authority: a host that enrols compares that one with its token.
    this.#content = {
      cert: Buffer.from(`${certificate.pem}\n${ca}\n`),
      key: Buffer.from(key),
      ca: Buffer.from(ca),
    };
    this.#renewAt = now + (certificate.endsAt - now) * renewAfter;
  }
}

/** By what a host is reached: its name and its addresses. */
function namesOfHost(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // What needs the name of an interface cannot be in a certificate.
  const usable = addresses.filter(({ address }) => !address.startsWith("fe80:"));
  const name = hostname();
  const named = /^[A-Za-z0-9.-]{1,253}$/.test(name) ? [name] : [];
  return [...named, "localhost", "127.0.0.1", "::1", ...usable.map(({ address }) => address)];
}
