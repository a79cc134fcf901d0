import { nameOf, type PeerCertificate, type ServerCall } from "@vedette/core/grpc";
import type { Telemetry } from "@vedette/core/telemetry";
import { enrolMethod, renewMethod } from "@vedette/proto/enrol";
import { type Deps, messageOf } from "@vedette/sdk";
import type { ControlDatabase, SecretBox } from "../control/index.ts";
import { openAuthority } from "./authority.ts";
import { OwnCertificate } from "./own-certificate.ts";
import { noteSeen, revokedAgents, revokedSentence } from "./registry.ts";

export interface FleetOptions {
  /** Further names and addresses that agents reach this collector by. */
  readonly names: readonly string[];
  /** How long certificates are good, in milliseconds. */
  readonly lifeMs: number;
  readonly collectorId: string;
}

export interface FleetDeps extends Deps {
  readonly database: ControlDatabase;
  readonly box: SecretBox;
  readonly telemetry: Telemetry;
}

/** How soon a revoked agent is out, on every collector of the database. */
const pollMs = 2_000;
const seenMs = 60_000;

/** The agents that a collector's own authority certifies: who may come, and how they get their certificates. */
export class Fleet {
  readonly #deps: FleetDeps;
  /** The certificate of the listener. */
  readonly tls: OwnCertificate;
  /** What the ingest port answers beside batches. */
  readonly methods: Readonly<Record<string, (call: ServerCall) => ReturnType<EnrolMethods["enrol"]>>>;
  /** What may be called without a certificate. */
  readonly openTo: ReadonlySet<string> = new Set([enrolMethod.path]);
  #revoked: ReadonlySet<string> = new Set();
  readonly #seen = new Set<string>();
  readonly #noted = new Set<string>();
  #seenAt = 0;
  #recheck: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(tls: OwnCertificate, service: EnrolMethods, deps: FleetDeps) {
    this.tls = tls;
    this.#deps = deps;
    this.methods = {
      [enrolMethod.path]: (call) => service.enrol(call),
      [renewMethod.path]: (call) => service.renew(call),
    };
  }

  /** Throws `secret.key` and `secret.unreadable` where the authority's key cannot be sealed or opened. */
  static async open({ names, lifeMs, collectorId }: FleetOptions, deps: FleetDeps): Promise<Fleet> {
    const { database, box, clock, log, telemetry } = deps;
    const authority = await openAuthority(database, box, clock);
    const { EnrolService } = await import("./service.ts");
    const outcomes = telemetry.counter(
      "vedette_enrolments_total",
      "Certificates that agents asked for, by outcome: enrolled, renewed, or why not.",
      ["outcome"],
    );
    const service = new EnrolService({ database, authority, collectorId, lifeMs, clock, log, outcomes });
    const fleet = new Fleet(await OwnCertificate.open(authority.signer, names, lifeMs, deps), service, deps);
    fleet.#revoked = await revokedAgents(database);
    return fleet;
  }

  /**
   * Why whoever has a certificate may not go on; undefined where it may. Asked when a call begins and again while it lasts, so it
   * also tells who is there.
   */
  readonly admits = (certificate: PeerCertificate): string | undefined => {
    if (certificate.endsAt <= this.#deps.clock.now()) return "The certificate of this agent has ended.";
    const name = nameOf(certificate);
    if (name === undefined) return undefined;
    if (this.#revoked.has(name)) return revokedSentence(name);
    this.#seen.add(name);
    return undefined;
  };

  /** Has `recheck` ask `admits` again of all calls whenever an answer may be another. */
  start(recheck: () => void): void {
    this.#recheck = recheck;
    this.#timer = setTimeout(() => void this.#poll(), pollMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #poll(): Promise<void> {
    const { database, clock, log } = this.#deps;
    try {
      this.#revoked = await revokedAgents(database);
      this.#recheck();
      await this.#noteSeen(clock.now());
    } catch (error) {
      log.warn({ reason: messageOf(error) }, "It cannot be seen who is revoked; what was known last counts.");
    }
    if (this.#timer) this.#timer = setTimeout(() => void this.#poll(), pollMs).unref();
  }

  /** Those who are new at once, the others once in a while. */
  async #noteSeen(now: number): Promise<void> {
    if (now - this.#seenAt >= seenMs) {
      this.#noted.clear();
      this.#seenAt = now;
    }
    const fresh = [...this.#seen].filter((name) => !this.#noted.has(name));
    this.#seen.clear();
    if (fresh.length > 0) await noteSeen(this.#deps.database, fresh, now);
    for (const name of fresh) this.#noted.add(name);
  }
}

type EnrolMethods = import("./service.ts").EnrolService;
