import { type KeyObject, X509Certificate } from "node:crypto";
import type { Issued } from "@vedette/proto/enrol";
import { agentUri, VedetteError } from "@vedette/sdk";
import { nodeDisk, replaceFile } from "../spool/index.ts";
import { type Enrolment, enrolmentFile } from "./enrolment.ts";

/** A certificate as text. */
export const pem = (der: Uint8Array): string => new X509Certificate(der).toString();

/**
 * What a collector's answer means for the host of a key. Throws `transport.certificate` where the certificate is not for that key, not for
 * this agent, or not of the authority that was asked.
 */
export function enrolmentOf(
  { certificate, authorities }: Issued,
  {
    key,
    agentId,
    authority,
    collector,
  }: {
    readonly key: KeyObject;
    readonly agentId: string;
    readonly authority: string;
    readonly collector: string;
  },
  now: number,
): Enrolment {
  const made = new X509Certificate(certificate);
  const asked = new X509Certificate(authority);
  const fits =
    made.checkPrivateKey(key) &&
    made.checkIssued(asked) &&
    made.verify(asked.publicKey) &&
    made.subjectAltName === `URI:${agentUri(agentId)}`;
  if (!fits)
    throw new VedetteError(
      "transport.certificate",
      "The collector sent a certificate that is not for this agent.",
      {
        verdict: "stop",
      },
    );
  return {
    version: 1,
    ...{ collector, agentId },
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: made.toString(),
    authority: authorities.length > 0 ? authorities.map(pem).join("") : authority,
    ...{ issuedAt: now, endsAt: made.validToDate.getTime() },
  };
}

/** Keeps an enrolment in the state folder: the old one or the new one, whole, whatever happens. Only this user may read it. */
export const keepEnrolment = (stateDir: string, enrolment: Enrolment): Promise<void> =>
  replaceFile(nodeDisk, enrolmentFile(stateDir), Buffer.from(`${JSON.stringify(enrolment, null, 2)}\n`));
