import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@vedette/sdk";
import { CallError, type CallStatus, Channel, status } from "../../grpc/index.ts";
import { Breaker } from "./breaker.ts";
import { maxSentBytes, maxTakenBytes, type ServingKind, socketName, userAgent } from "./kinds.ts";
import { requireShort } from "./work-dir.ts";

const looksEveryMs = 50;

export interface ClientDeps {
  /** Folders in which its socket is looked for, in this order. */
  readonly sockets: () => readonly string[];
  readonly deadlineMs: number;
  readonly inFlight: number;
  /** How long calls wait for one that is about to come. */
  readonly comingMs: number;
  readonly log: Logger;
  /** True while the plugin may be about to come: it is worth waiting for. */
  readonly isComing: (name: string) => boolean;
  /** Told where it does not answer call after call. */
  readonly hangs: (name: string, why: string) => void;
}

/** Why a plugin gave no answer, as a sentence. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  /** True where it is not there; false where it answered with an error. */
  readonly isAway: boolean;
  constructor(message: string, isAway: boolean) {
    super(message);
    this.isAway = isAway;
  }
}

/** Calls of one plugin's socket: so many at once, each with a deadline, over one connection that is made anew as needed. */
export class PluginClient {
  readonly name: string;
  readonly kind: ServingKind;
  readonly #deps: ClientDeps;
  readonly #breaker = new Breaker();
  #channel: Channel | undefined;
  #connecting: Promise<Channel | undefined> | undefined;
  #lostAt = performance.now();
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  #stopped = false;
  calls = 0;
  errors = 0;
  lastError: string | undefined;
  /** Events that an analysis plugin did not look at. */
  readonly missed = { away: 0, failed: 0 };

  constructor(name: string, kind: ServingKind, deps: ClientDeps) {
    this.name = name;
    this.kind = kind;
    this.#deps = deps;
    for (const path of this.#paths()) requireShort(path);
  }

  #paths(): string[] {
    return this.#deps.sockets().map((folder) => join(folder, socketName(this.name, this.kind)));
  }

  get isConnected(): boolean {
    return this.#channel !== undefined && !this.#channel.isClosed;
  }

  get isBroken(): boolean {
    return this.#breaker.isOpen;
  }

  /** The connection now, for what belongs to one connection. */
  get connection(): object | undefined {
    return this.#channel;
  }

  /** Calls a method with one answer. Rejects with a PluginError. */
  unary(method: string, message: Uint8Array): Promise<Buffer> {
    return this.#call(message, (channel, deadlineMs) => channel.unary(method, message, deadlineMs));
  }

  /** Calls a method with many answers. Resolves when they have ended; rejects with a PluginError. */
  stream(method: string, message: Uint8Array, take: (bytes: Buffer) => boolean): Promise<void> {
    return this.#call(message, async (channel, deadlineMs) => {
      const end = await channel.stream(method, message, deadlineMs, take);
      // The SDK's own plugins end their answers with io.EOF.
      if (end.code === status.ok || (end.code === status.unknown && end.details.includes("EOF"))) return;
      throw new CallError(end);
    });
  }

  /** True where the connection knows a method, which is asked for with an empty message. Neither a call nor an error of it. */
  async offers(method: string): Promise<boolean> {
    try {
      await this.#channel?.unary(method, new Uint8Array(0), this.#deps.deadlineMs);
      return this.#channel !== undefined;
    } catch {
      return false;
    }
  }

  /** Notes an answer that cannot be used. */
  spoilt(why: string): PluginError {
    return this.#failed(`The answer of ${this.name} cannot be used: ${why}`, false);
  }

  close(): void {
    this.#stopped = true;
    this.#channel?.close("The host ends.");
    for (const next of this.#waiting.splice(0)) next();
  }

  async #call<T>(
    message: Uint8Array,
    call: (channel: Channel, deadlineMs: number) => Promise<T>,
  ): Promise<T> {
    const { deadlineMs, inFlight } = this.#deps;
    this.calls++;
    if (message.length > maxSentBytes)
      throw this.#failed(
        `The message for ${this.name} has ${message.length} bytes; a plugin takes ${maxSentBytes}.`,
        false,
      );
    if (this.#active >= inFlight) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active++;
    try {
      this.#requireWilling();
      return await this.#attempts(call, performance.now() + deadlineMs);
    } finally {
      this.#active--;
      this.#waiting.shift()?.();
    }
  }

  #requireWilling(): void {
    const waitMs = this.#breaker.pass();
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1_000);
    throw this.#failed(`plugin ${this.name} does not answer; it is asked again in ${seconds} s`, true);
  }

  /** A call that the end of a connection took is made once more: what plugins do may be done twice. */
  async #attempts<T>(
    call: (channel: Channel, deadlineMs: number) => Promise<T>,
    deadline: number,
  ): Promise<T> {
    let until = deadline;
    for (let attempt = 1; ; attempt++) {
      const asked = performance.now();
      const channel = this.isConnected ? this.#channel! : await this.#connected();
      // The time until the plugin came is not the time that it takes for a call.
      until += performance.now() - asked;
      if (!channel) throw this.#failed(`plugin ${this.name} is not connected`, true);
      const leftMs = Math.max(1, until - performance.now());
      try {
        const answer = await call(channel, leftMs);
        this.#breaker.succeeded();
        return answer;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const { status: end } = error;
        if (end.code === status.unavailable && channel.isClosed && attempt < 3 && leftMs > looksEveryMs)
          continue;
        throw this.#ended(end);
      }
    }
  }

  #ended(end: CallStatus): PluginError {
    const { code, details } = end;
    if (code === status.deadlineExceeded || code === status.unavailable || code === status.unimplemented) {
      if (this.#breaker.failed() && code === status.deadlineExceeded)
        this.#deps.hangs(this.name, `It did not answer within ${this.#deps.deadlineMs} ms, again and again.`);
      return this.#failed(`plugin ${this.name}: ${details}`, true);
    }
    // It answers, if only with an error.
    this.#breaker.succeeded();
    return this.#failed(`plugin ${this.name}: ${details}`, false);
  }

  #failed(message: string, isAway: boolean): PluginError {
    this.errors++;
    this.lastError = message;
    return new PluginError(message, isAway);
  }

  #connected(): Promise<Channel | undefined> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Waits for the socket as long as it may come. */
  async #connect(): Promise<Channel | undefined> {
    const { deadlineMs, comingMs, isComing } = this.#deps;
    for (;;) {
      if (this.#stopped) return undefined;
      const path = this.#paths().find(isSocket);
      const channel = path === undefined ? undefined : await this.#open(path);
      if (channel) return channel;
      const worthMs = isComing(this.name) ? comingMs : Math.min(1_000, deadlineMs);
      if (performance.now() - this.#lostAt > worthMs) return undefined;
      await new Promise((resolve) => setTimeout(resolve, looksEveryMs));
    }
  }

  #open(path: string): Promise<Channel | undefined> {
    return new Promise((resolve) => {
      const channel = new Channel({
        path,
        maxMessageBytes: maxTakenBytes,
        userAgent,
        connected: () => {
          this.#channel = channel;
          resolve(channel);
        },
        closed: (reason) => {
          if (this.#channel === channel) {
            this.#channel = undefined;
            this.#lostAt = performance.now();
            if (!this.#stopped)
              this.#deps.log.info({ plugin: this.name, reason }, "A plugin's socket was closed.");
          }
          resolve(undefined);
        },
      });
    });
  }
}

/** A link in its place could lead us to the socket of somebody else. */
const isSocket = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
