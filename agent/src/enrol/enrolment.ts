import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a host got when it was enrolled: one file, so that key and certificate are never of different times. */
export interface Enrolment {
  readonly version: 1;
  /** Where it was enrolled, `host:port`. */
  readonly collector: string;
  readonly agentId: string;
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** Whom it believes, PEM. */
  readonly authority: string;
  /** When it got the certificate and when that ends, in milliseconds since 1970. */
  readonly issuedAt: number;
  readonly endsAt: number;
}

/** The file of an agent's state folder. */
export const enrolmentFile = (stateDir: string): string => join(stateDir, "enrolment.json");

/** The enrolment of a host; undefined where it has none. Throws where the file is something else. */
export function readEnrolment(stateDir: string): Enrolment | undefined {
  const file = enrolmentFile(stateDir);
  if (!statSync(file, { throwIfNoEntry: false })) return undefined;
  let found: Partial<Enrolment> | null;
  try {
    found = JSON.parse(readFileSync(file, "utf8")) as Partial<Enrolment> | null;
  } catch (error) {
    // What JSON says of its text is part of it: it could be the key.
    const why = (error as NodeJS.ErrnoException).code ?? "it is not JSON";
    throw new Error(`${file} cannot be read: ${why}`);
  }
  const { version, key, certificate, authority, endsAt, issuedAt } = found ?? {};
  const isWhole = [key, certificate, authority].every((each) => typeof each === "string");
  if (version !== 1 || !isWhole || typeof endsAt !== "number" || typeof issuedAt !== "number")
    throw new Error(`${file} holds no enrolment; enrol this host anew`);
  return found as Enrolment;
}

/** Tells one content of the file from another. */
export function enrolmentState(stateDir: string): string {
  const stats = statSync(enrolmentFile(stateDir), { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : "";
}
