import { generateKeyPairSync } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { RenewRequestSchema, renewMethod } from "@vedette/proto/enrol";
import { ask } from "./ask.ts";
import type { Enrolment } from "./enrolment.ts";
import { enrolmentOf, keepEnrolment } from "./issued.ts";
import { writeRequest } from "./request.ts";

const timeoutMs = 20_000;

/** Gets another certificate with a new key by the one that is good, and keeps it. Rejects with a CallError. */
export async function renewOnce(
  stateDir: string,
  enrolment: Enrolment,
  { address, serverName, version, now, signal }: RenewOptions,
): Promise<Enrolment> {
  const { authority, agentId, certificate, collector } = enrolment;
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const tls = {
    ...{ ca: authority, cert: certificate, key: enrolment.key },
    ...(serverName !== undefined && { servername: serverName }),
  };
  const question = { address, path: renewMethod.path, tls, timeoutMs, userAgent: `vedette-agent/${version}` };
  const request = create(RenewRequestSchema, { request: writeRequest(key) });
  const answer = await ask(question, renewMethod.requestSerialize(request), signal);
  const told = { key, agentId, authority, collector };
  const renewed = enrolmentOf(renewMethod.responseDeserialize(answer), told, now());
  await keepEnrolment(stateDir, renewed);
  return renewed;
}

export interface RenewOptions {
  /** `host:port` */
  readonly address: string;
  readonly serverName: string | undefined;
  readonly version: string;
  readonly signal: AbortSignal;
  now(): number;
}
