import { create, toBinary } from "@bufbuild/protobuf";
import { type CallHandler, nameOf, type ServerCall, status } from "@vedette/core/grpc";
import {
  AcceptedSchema,
  type Attendance,
  type AttendResponse,
  AttendResponseSchema,
  attendMethod,
  type Command,
  CommandSchema,
  commandMac,
  nonceBytes,
  type Report,
  SealedSchema,
} from "@vedette/proto";
import { type Logger, messageOf, VedetteError } from "@vedette/sdk";

export interface HubOptions {
  readonly collectorId: string;
  /** With it every command is signed. */
  readonly key: string | undefined;
}

/** An agent that lets this collector ask for bans. */
export interface Attending {
  readonly agentId: string;
  readonly host: string;
  readonly maxTtlSeconds: number;
}

export type Verb = Exclude<Command["verb"], { case: undefined }>;

const mostAgents = 10_000;
/** Commands of one agent that wait for their report. */
const mostPending = 64;
const mostReportBytes = 8 * 2 ** 20;

/** The agents that attend, each with one stream, and what is asked of them. */
export class AgentHub {
  readonly #options: HubOptions;
  readonly #log: Logger;
  readonly #streams = new Map<string, AgentStream>();

  constructor(options: HubOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  list(): readonly Attending[] {
    return [...this.#streams.values()].flatMap(({ attending }) => attending ?? []);
  }

  /** Serves `vedette.v1.Respond/Attend`. */
  accept(call: ServerCall): CallHandler {
    return new AgentStream(call, this.#options, this.#log, {
      attend: (stream, agentId) => this.#attend(stream, agentId),
      leave: (stream, agentId) => {
        if (this.#streams.get(agentId) === stream) this.#streams.delete(agentId);
      },
    });
  }

  /**
   * Asks an agent and resolves with its report. Throws `action.unavailable` where it surely was not asked, and an error without
   * meaning where nobody knows what became of it: the stream broke, or the signal aborted.
   */
  async ask(agentId: string, verb: Verb, signal: AbortSignal): Promise<Report> {
    const stream = this.#streams.get(agentId);
    if (!stream) throw unavailable(`The agent ${agentId} is not connected.`);
    return stream.ask(verb, signal);
  }

  /** Ends all streams. */
  stop(): void {
    for (const stream of this.#streams.values()) stream.end();
  }

  /** False where no more agents are taken. The newest stream of an agent counts: the one before it may be dead. */
  #attend(stream: AgentStream, agentId: string): boolean {
    const before = this.#streams.get(agentId);
    if (!before && this.#streams.size >= mostAgents) return false;
    this.#streams.set(agentId, stream);
    if (before) {
      this.#log.warn({ agentId }, "An agent attends again; its stream of before is ended.");
      before.end();
    }
    return true;
  }
}

export const unavailable = (message: string): VedetteError =>
  new VedetteError("action.unavailable", message, { verdict: "retry" });

interface Owner {
  attend(stream: AgentStream, agentId: string): boolean;
  leave(stream: AgentStream, agentId: string): void;
}

interface Waiting {
  readonly resolve: (report: Report) => void;
  readonly reject: (error: Error) => void;
}

class AgentStream implements CallHandler {
  readonly #call: ServerCall;
  readonly #options: HubOptions;
  readonly #log: Logger;
  readonly #owner: Owner;
  readonly #pending = new Map<bigint, Waiting>();
  #attendance: Attendance | undefined;
  #number = 0n;

  constructor(call: ServerCall, options: HubOptions, log: Logger, owner: Owner) {
    this.#call = call;
    this.#options = options;
    this.#log = log;
    this.#owner = owner;
  }

  get attending(): Attending | undefined {
    return this.#attendance;
  }

  ask(verb: Verb, signal: AbortSignal): Promise<Report> {
    const { key } = this.#options;
    const { agentId = "", nonce = new Uint8Array() } = this.#attendance ?? {};
    if (this.#pending.size >= mostPending) throw unavailable(`The agent ${agentId} has too much to do.`);
    signal.throwIfAborted();
    const number = ++this.#number;
    const command = toBinary(CommandSchema, create(CommandSchema, { number, verb }));
    const mac = key === undefined ? new Uint8Array() : commandMac(key, nonce, command);
    return new Promise<Report>((resolve, reject) => {
      const late = (): void => {
        this.#pending.delete(number);
        reject(new Error(`The agent ${agentId} did not report in time.`));
      };
      signal.addEventListener("abort", late, { once: true });
      const settled = (): void => signal.removeEventListener("abort", late);
      this.#pending.set(number, {
        resolve: (report) => {
          settled();
          resolve(report);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#send({ case: "sealed", value: create(SealedSchema, { command, mac }) });
    });
  }

  message(bytes: Buffer): void {
    try {
      if (bytes.length > mostReportBytes) throw new Error("it is too large");
      const { message } = attendMethod.requestDeserialize(bytes);
      if (message.case === "attendance") this.#attend(message.value);
      else if (message.case === "report") this.#report(message.value);
      else throw new Error("it is neither Attendance nor Report");
    } catch (error) {
      this.#refuse(status.invalidArgument, `The message cannot be taken: ${messageOf(error)}.`);
    }
  }

  end(): void {
    this.#call.end();
  }

  drain(): void {}

  close(): void {
    const { agentId } = this.#attendance ?? {};
    if (agentId !== undefined) this.#owner.leave(this, agentId);
    for (const { reject } of this.#pending.values())
      reject(new Error(`The connection to the agent ${agentId} broke before it reported.`));
    this.#pending.clear();
  }

  #attend(attendance: Attendance): void {
    const { agentId, host, version } = attendance;
    const refusal = this.#refusalOf(attendance);
    if (refusal) {
      this.#refuse(...refusal);
      return;
    }
    this.#attendance = { ...attendance, host: host.slice(0, 255), version: version.slice(0, 64) };
    this.#log.info({ agentId, host: this.#attendance.host }, "An agent can be asked for bans.");
    const value = create(AcceptedSchema, { collectorId: this.#options.collectorId });
    this.#send({ case: "accepted", value });
  }

  #refusalOf({ agentId, nonce, signed }: Attendance): [code: number, details: string] | undefined {
    if (this.#attendance) return [status.invalidArgument, "A stream attends once."];
    if (!/^[\w.:@-]{1,200}$/.test(agentId)) return [status.invalidArgument, "The agent id is not usable."];
    const { certificate } = this.#call;
    if (certificate && nameOf(certificate) !== agentId)
      return [status.permissionDenied, `The certificate is not for the agent "${agentId}".`];
    if (nonce.length !== nonceBytes) return [status.invalidArgument, "The nonce is not usable."];
    if (signed && this.#options.key === undefined) {
      const why =
        "The agent takes signed commands only, and this collector has no collector.respond.agents.key.";
      return [status.failedPrecondition, why];
    }
    if (!this.#owner.attend(this, agentId)) return [status.resourceExhausted, "Too many agents attend."];
    return undefined;
  }

  /** A report that nobody waits for any more was too late: nothing to do. */
  #report(report: Report): void {
    const waiting = this.#pending.get(report.number);
    this.#pending.delete(report.number);
    waiting?.resolve(report);
  }

  #send(message: AttendResponse["message"]): void {
    this.#call.write(attendMethod.responseSerialize(create(AttendResponseSchema, { message })));
  }

  #refuse(code: number, details: string): void {
    this.#log.warn({ agentId: this.#attendance?.agentId, details }, "An agent that attends was refused.");
    this.#call.end(code, details);
  }
}
