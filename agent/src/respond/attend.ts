import { randomBytes } from "node:crypto";
import { create, fromBinary } from "@bufbuild/protobuf";
import { Call, type ClientTls } from "@vedette/core/grpc";
import { rateLimited } from "@vedette/core/telemetry";
import {
  AttendanceSchema,
  type AttendRequest,
  AttendRequestSchema,
  attendMethod,
  type Command,
  CommandSchema,
  isSigned,
  nonceBytes,
  type Sealed,
} from "@vedette/proto";
import { type Deps, messageOf } from "@vedette/sdk";
import { backoffMs } from "../backoff.ts";
import { pause } from "../pause.ts";
import type { Certificates } from "../transport/index.ts";
import type { Executor } from "./executor.ts";

/** Who attends. */
export interface Attendant {
  readonly agentId: string;
  readonly host: string;
  readonly version: string;
  readonly maxTtlSeconds: number;
  readonly key: string | undefined;
  /** Default: no TLS. */
  readonly certificates?: Certificates | undefined;
}

const acceptMs = 10_000;
const callOptions = {
  path: attendMethod.path,
  maxMessageBytes: 65_536,
  keepAliveMs: 20_000,
  keepAliveTimeoutMs: 10_000,
} as const;

/** Attends to one collector until the signal aborts: comes back from every failure by itself. */
export async function attend(
  address: string,
  who: Attendant,
  executor: Executor,
  { log, clock, signal }: Pick<Deps, "log" | "clock" | "signal">,
): Promise<void> {
  const warn = rateLimited(
    (fields, message) => log.warn(fields, message),
    60_000,
    () => performance.now(),
  );
  for (let failures = 0; !signal.aborted; failures++) {
    let reason: string;
    try {
      const tls = who.certificates?.read(clock.now());
      const stream = new AttendStream(address, who, executor, log, tls);
      reason = await stream.run(signal);
      if (stream.accepted) failures = 0;
    } catch (error) {
      reason = messageOf(error);
    }
    if (signal.aborted) return;
    warn({ address, reason }, "A collector cannot ask this host for bans now; the agent will connect again.");
    await pause(backoffMs(failures), signal);
  }
}

class AttendStream {
  readonly #call: Call;
  readonly #who: Attendant;
  readonly #executor: Executor;
  readonly #log: Deps["log"];
  readonly #nonce = randomBytes(nonceBytes);
  readonly #ended = Promise.withResolvers<string>();
  #last = 0n;
  #over = false;
  accepted = false;

  constructor(
    address: string,
    who: Attendant,
    executor: Executor,
    log: Deps["log"],
    tls: ClientTls | undefined,
  ) {
    this.#who = who;
    this.#executor = executor;
    this.#log = log;
    const userAgent = `vedette-agent/${who.version}`;
    this.#call = new Call(
      { ...callOptions, address, userAgent, tls },
      {
        message: (bytes) => this.#read(bytes),
        drain: () => undefined,
        ended: ({ code, details }) =>
          this.#finish(code === 0 ? "The collector ended the stream." : `${details} (${code})`),
      },
    );
    const { agentId, host, version, maxTtlSeconds } = who;
    const value = create(AttendanceSchema, {
      ...{ agentId, host, version, maxTtlSeconds, nonce: this.#nonce, signed: who.key !== undefined },
    });
    this.#send({ case: "attendance", value });
  }

  /** Resolves with why it ended. */
  async run(signal: AbortSignal): Promise<string> {
    const stop = (): void => this.#finish("The agent stops.");
    const late = setTimeout(() => {
      if (!this.accepted) this.#finish("The collector did not answer.");
    }, acceptMs);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    return this.#ended.promise.finally(() => {
      clearTimeout(late);
      signal.removeEventListener("abort", stop);
    });
  }

  #read(bytes: Buffer): void {
    try {
      const { message } = attendMethod.responseDeserialize(bytes);
      if (message.case === "accepted") {
        this.accepted = true;
        this.#log.info({ collectorId: message.value.collectorId }, "A collector may ask this host for bans.");
      } else if (message.case === "sealed") void this.#obey(this.#open(message.value));
    } catch (error) {
      this.#finish(`The collector sent what this agent does not take: ${messageOf(error)}`);
    }
  }

  /** Throws where the signature is wrong or the command is an old one. */
  #open({ command, mac }: Sealed): Command {
    const { key } = this.#who;
    if (key !== undefined && !isSigned(key, this.#nonce, command, mac))
      throw new Error("a command without the right signature. Is agent.respond.key the collector's?");
    const opened = fromBinary(CommandSchema, command);
    if (opened.number <= this.#last) throw new Error("a command out of its order.");
    this.#last = opened.number;
    return opened;
  }

  async #obey(command: Command): Promise<void> {
    const value = await this.#executor.run(command);
    if (!this.#over) this.#send({ case: "report", value });
  }

  #send(message: AttendRequest["message"]): void {
    this.#call.write([attendMethod.requestSerialize(create(AttendRequestSchema, { message }))]);
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.cancel();
    this.#ended.resolve(reason);
  }
}
