import type { Selectable } from "kysely";

/** Tables of enrolment, in the manner of `ControlSchema`. */
export interface FleetTables {
  authorities: AuthoritiesTable;
  enrol_tokens: EnrolTokensTable;
  agents: AgentsTable;
}

interface AuthoritiesTable {
  /** SHA-256 of the certificate, hexadecimal. */
  id: string;
  /** PEM. */
  certificate: string;
  /** Its private key, PEM, sealed under `authority/<id>`. */
  sealed: string;
  created_at: number;
}

interface EnrolTokensTable {
  /** Hexadecimal. */
  id: string;
  /** SHA-256 of the secret, hexadecimal. */
  hash: string;
  /** The one agent that it is for; null for any new one. */
  agent: string | null;
  uses: number;
  used: number;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

/** Agents that were enrolled. */
interface AgentsTable {
  id: string;
  host: string;
  version: string;
  /** The token that it was enrolled with last. */
  token: string;
  /** SHA-256 of the public key it was enrolled with, hexadecimal. */
  key_hash: string;
  /** Of its newest certificate. */
  serial: string;
  ends_at: number;
  enrolled_at: number;
  seen_at: number | null;
  revoked_at: number | null;
}

export type EnrolledRow = Selectable<AgentsTable>;
export type EnrolTokenRow = Selectable<EnrolTokensTable>;
