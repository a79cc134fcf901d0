import { type Deps, messageOf } from "@vedette/sdk";
import { pause } from "../pause.ts";
import { type Enrolment, readEnrolment } from "./enrolment.ts";
import type { RenewOptions } from "./renew.ts";

const part = 2 / 3;
/** Hosts that were enrolled together do not all come at once. */
const jitter = 1 / 20;
const longestMs = 3_600_000;
const shortestMs = 500;

/**
 * Renews the certificate of an enrolled agent at two thirds of its life, until the signal aborts. A refusal is told and asked again
 * later; whatever is said, the host is never enrolled anew by itself. What an operator enrols meanwhile is taken over.
 */
export async function keepRenewed(
  stateDir: string,
  options: Omit<RenewOptions, "signal" | "now">,
  { log, clock, signal }: Deps,
): Promise<void> {
  let failures = 0;
  let toldEnd: number | undefined;
  while (!signal.aborted) {
    const enrolment = readOrUndefined(stateDir);
    const now = clock.now();
    if (!enrolment) {
      await pause(10_000, signal);
    } else if (enrolment.endsAt <= now) {
      // Once: the transport says it too, for as long as batches wait.
      if (toldEnd !== enrolment.endsAt)
        log.error(
          { agentId: enrolment.agentId, endedAt: new Date(enrolment.endsAt).toISOString() },
          "The certificate of this agent has ended; enrol the host again with a new token (vedette enroll). Batches wait.",
        );
      toldEnd = enrolment.endsAt;
      await pause(10_000, signal);
    } else if (now < dueAt(enrolment)) {
      // Looked at again meanwhile: somebody may enrol the host anew.
      await pause(Math.min(dueAt(enrolment) - now, 60_000), signal);
    } else {
      try {
        const { renewOnce } = await import("./renew.ts");
        const renewed = await renewOnce(stateDir, enrolment, { ...options, signal, now: clock.now });
        failures = 0;
        log.info(
          { endsAt: new Date(renewed.endsAt).toISOString() },
          "The certificate of this agent was renewed.",
        );
      } catch (error) {
        if (signal.aborted) return;
        log.warn(
          { reason: messageOf(error), address: options.address },
          "The certificate could not be renewed, will retry.",
        );
        await pause(retryMs(enrolment, failures++), signal);
      }
    }
  }
}

function readOrUndefined(stateDir: string): Enrolment | undefined {
  try {
    return readEnrolment(stateDir);
  } catch {
    // The transport says what is wrong with it.
    return undefined;
  }
}

/** The same for one certificate, so that looking again does not put it off. */
function dueAt({ issuedAt, endsAt, certificate }: Enrolment): number {
  const spread = ((certificate.charCodeAt(certificate.length - 40) % 64) / 64 - 0.5) * 2 * jitter;
  return issuedAt + (endsAt - issuedAt) * (part + spread);
}

function retryMs({ issuedAt, endsAt }: Enrolment, failures: number): number {
  const most = Math.min(longestMs, (endsAt - issuedAt) / 20);
  const full = Math.max(shortestMs, Math.min(most, 10_000 * 2 ** Math.min(failures, 16)));
  return full / 2 + (full / 2) * Math.random();
}
