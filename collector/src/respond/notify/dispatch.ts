import { randomUUID } from "node:crypto";
import {
  type AnyChannel,
  type AnyConnectionType,
  type Deps,
  type Egress,
  isVedetteError,
  messageOf,
} from "@vedette/sdk";
import type { ConnectionLease } from "../../connections/index.ts";
import type { ControlDatabase } from "../../control/index.ts";
import { inGerman } from "./german.ts";
import { claim, type Delivery, dueChannels, markUncertain, settle } from "./outbox.ts";

/** A channel and the kind of connection it goes over. */
export interface FoundChannel {
  readonly channel: AnyChannel;
  readonly kind: AnyConnectionType;
}

export interface DispatchDeps extends Deps {
  readonly database: ControlDatabase;
  readonly egress: Egress;
  readonly lease: (by: string) => ConnectionLease;
  /** The channel that a connection is for. Throws `connection.unknown`, or `notice.refused` where it is for none. */
  readonly channelOf: (connection: string) => Promise<FoundChannel>;
  /** The language of a channel. */
  readonly languageOf?: (channel: string) => "en" | "de";
  readonly attempts: number;
  /** Takes secrets out of what went wrong. */
  readonly redact: (text: string) => string;
  /** A random number from 0 up to 1. */
  readonly random?: () => number;
  readonly count: (outcome: "sent" | "retried" | "dead") => void;
}

const sendMs = 20_000;
const firstWaitMs = 5_000;
const lastWaitMs = 900_000;
const mostChannels = 8;

/**
 * Sends what is in the outbox: one notice at a time over each channel, several channels at once. What may pass is tried
 * again, later and later and not at the same moment as others; what may not, or was tried often enough, is a dead letter.
 */
export class Dispatcher {
  readonly #deps: DispatchDeps;
  readonly #by = randomUUID();
  readonly #busy = new Map<string, Promise<void>>();
  /** Channels that asked to be left alone, or failed, and until when. */
  readonly #held = new Map<string, number>();

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
  }

  /** Begins to send what is due. Resolves when it has begun; `idle` waits for the end. */
  async turn(): Promise<void> {
    const { database, clock } = this.#deps;
    const now = clock.now();
    for (const [channel, until] of this.#held) if (until <= now) this.#held.delete(channel);
    const room = mostChannels - this.#busy.size;
    if (room <= 0) return;
    const channels = await dueChannels(database, now, [...this.#busy.keys(), ...this.#held.keys()]);
    for (const channel of channels.slice(0, room)) {
      if (this.#busy.has(channel)) continue;
      const work = this.#drain(channel).finally(() => this.#busy.delete(channel));
      this.#busy.set(channel, work);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  async #drain(channel: string): Promise<void> {
    const { database, clock, signal, log } = this.#deps;
    try {
      while (!signal.aborted && !this.#held.has(channel)) {
        const delivery = await claim(database, channel, this.#by, clock.now());
        if (delivery === undefined) return;
        await this.#deliver(delivery);
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ channel, error }, "The outbox cannot be read now, will retry.");
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { database, clock, log, count, redact } = this.#deps;
    const { id, channel, rule, attempts } = delivery;
    try {
      const outcome = await this.send(channel, delivery);
      await settle(database, delivery, this.#by, { state: "sent", at: clock.now(), outcome });
      count("sent");
    } catch (error) {
      const why = redact(messageOf(error));
      const waitMs = this.#waitMs(error, attempts);
      if (isUncertain(error)) await markUncertain(database, id);
      const now = clock.now();
      if (waitMs === undefined) {
        await settle(database, delivery, this.#by, { state: "dead", at: now, outcome: why });
        count("dead");
        log.warn({ channel, rule, attempts, reason: why }, "A notification is a dead letter.");
        return;
      }
      this.#held.set(channel, now + waitMs);
      await settle(database, delivery, this.#by, { state: "waiting", at: now + waitMs, outcome: why });
      count("retried");
      log.info({ channel, rule, attempts, waitMs, reason: why }, "A notification will be tried again.");
    }
  }

  /** Sends over a channel at once, past the outbox. Throws what the channel throws. */
  async send(channel: string, { notice: written }: Pick<Delivery, "notice">): Promise<string> {
    const notice = this.#deps.languageOf?.(channel) === "de" ? inGerman(written) : written;
    const { channelOf, lease, egress, clock, log, redact } = this.#deps;
    const signal = AbortSignal.any([this.#deps.signal, AbortSignal.timeout(sendMs)]);
    const borrowed = lease("a notification");
    try {
      const { channel: found, kind } = await channelOf(channel);
      const client: unknown = await borrowed.connection(kind, channel);
      const late = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Late()), { once: true });
      });
      return redact(await Promise.race([found.send(notice, client, { egress, clock, log, signal }), late]));
    } finally {
      borrowed.release();
    }
  }

  /** Undefined where there is no further attempt. */
  #waitMs(error: unknown, attempts: number): number | undefined {
    if (attempts >= this.#deps.attempts) return undefined;
    const verdict = isVedetteError(error) ? error.verdict : undefined;
    if (verdict?.verdict === "drop") return undefined;
    const asked = verdict?.verdict === "retry" ? (verdict.afterMs ?? 0) : 0;
    const own = Math.min(firstWaitMs * 2 ** (attempts - 1), lastWaitMs);
    const random = this.#deps.random ?? Math.random;
    return Math.round(Math.max(asked, own * (0.75 + random() / 2)));
  }
}

/** A channel that did not look at its signal. */
class Late extends Error {
  constructor() {
    super(`There was no end within ${sendMs / 1_000} s.`);
  }
}

/** The request may have been heard: it was sent, and no answer of the other side said no. */
const isUncertain = (error: unknown): boolean =>
  error instanceof Late ||
  (isVedetteError(error) &&
    error.code === "notice.undelivered" &&
    /no answer|silent|socket hang up|aborted|ECONNRESET/i.test(error.message));
