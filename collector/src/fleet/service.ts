import { create } from "@bufbuild/protobuf";
import { type CallHandler, nameOf, type ServerCall, status } from "@vedette/core/grpc";
import type { Counter } from "@vedette/core/telemetry";
import { enrolMethod, IssuedSchema, renewMethod } from "@vedette/proto/enrol";
import { agentIdForm, type Deps, messageOf } from "@vedette/sdk";
import type { ControlDatabase } from "../control/index.ts";
import type { Authority } from "./authority.ts";
import { Rate } from "./rate.ts";
import { enrol, noteRenewal, Refusal } from "./registry.ts";
import { type Certificate, keyOfRequest, RequestError } from "./x509.ts";

export interface ServiceDeps extends Pick<Deps, "log" | "clock"> {
  readonly database: ControlDatabase;
  readonly authority: Authority;
  readonly collectorId: string;
  /** How long certificates of agents are good, in milliseconds. */
  readonly lifeMs: number;
  readonly outcomes: Counter;
}

const answerMs = 10_000;
/** Attempts of an address, and renewals of an agent, in a minute. */
const mostPerMinute = 30;

/** Answers calls of one message each: `Enrol` without a certificate, `Renew` with one. */
export class EnrolService {
  readonly #deps: ServiceDeps;
  readonly #rate = new Rate(mostPerMinute, 60_000);

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
  }

  /** Serves `vedette.v1.Enrolment/Enrol`. */
  enrol(call: ServerCall): CallHandler {
    return this.#once(call, call.peer ?? "", async (bytes) => {
      const { tokenId, secret, request, agentId, host, version } = read(() =>
        enrolMethod.requestDeserialize(bytes),
      );
      if (!agentIdForm.test(agentId)) throw new RequestError("The agent id is not usable.");
      const key = await keyOfRequest(request);
      const said = { host: host.slice(0, 255), version: version.slice(0, 64) };
      const { clock, log, database } = this.#deps;
      const applicant = { tokenId, secret, agentId, key, ...said };
      const issue = async () => {
        const issued = await this.#sign(request, agentId);
        return { serial: issued.serial, endsAt: issued.endsAt, issued };
      };
      const issued = await enrol(database, applicant, issue, clock);
      this.#deps.outcomes.add(1, { outcome: "enrolled" });
      log.info({ agentId, ...said, address: call.peer }, "An agent was enrolled.");
      return this.#answer(agentId, issued);
    });
  }

  /** Serves `vedette.v1.Enrolment/Renew`. */
  renew(call: ServerCall): CallHandler {
    const agentId = call.certificate && nameOf(call.certificate);
    return this.#once(call, agentId ?? "", async (bytes) => {
      if (agentId === undefined) throw new Refusal("identity", "The certificate names no agent.");
      const { request } = read(() => renewMethod.requestDeserialize(bytes));
      const issued = await this.#sign(request, agentId);
      await noteRenewal(this.#deps.database, agentId, issued);
      this.#deps.outcomes.add(1, { outcome: "renewed" });
      this.#deps.log.info({ agentId, serial: issued.serial }, "An agent's certificate was renewed.");
      return this.#answer(agentId, issued);
    });
  }

  #sign(request: Uint8Array, agentId: string): Promise<Certificate> {
    const { authority, clock, lifeMs } = this.#deps;
    return authority.signer.sign(request, { agentId }, clock.now(), lifeMs);
  }

  #answer(agentId: string, { der }: Certificate): Buffer {
    const { authority, collectorId } = this.#deps;
    const issued = { certificate: der, authorities: [authority.signer.der], agentId, collectorId };
    return enrolMethod.responseSerialize(create(IssuedSchema, issued));
  }

  /** Takes one message, within a bound of time and of times for `who`, and answers it. */
  #once(call: ServerCall, who: string, work: (bytes: Buffer) => Promise<Buffer>): CallHandler {
    let taken = false;
    const late = setTimeout(() => call.end(status.deadlineExceeded, "It took too long."), answerMs).unref();
    const refuse = (code: number, reason: string, details: string): void => {
      this.#deps.outcomes.add(1, { outcome: reason });
      this.#deps.log.warn({ address: call.peer, reason, details }, "A certificate was refused.");
      call.end(code, details);
    };
    return {
      message: (bytes) => {
        if (taken) return;
        taken = true;
        if (!this.#rate.take(who, performance.now())) {
          call.end(status.resourceExhausted, "That was too often. Try again in a minute.");
          this.#deps.outcomes.add(1, { outcome: "too_often" });
          return;
        }
        work(bytes).then(
          (answer) => {
            call.write(answer);
            call.end();
          },
          (error: unknown) => {
            if (error instanceof Refusal) refuse(status.permissionDenied, error.reason, error.message);
            else if (error instanceof RequestError) refuse(status.invalidArgument, "request", error.message);
            else {
              this.#deps.log.error({ error }, "A certificate could not be given.");
              call.end(status.unavailable, "The collector could not do that now; try again.");
            }
          },
        );
      },
      end: () => {
        if (!taken) call.end(status.invalidArgument, "A message is missing.");
      },
      drain: () => undefined,
      close: () => clearTimeout(late),
    };
  }
}

/** A message; bytes that are none are the client's fault. */
function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new RequestError(`The message cannot be read: ${messageOf(error)}`);
  }
}
