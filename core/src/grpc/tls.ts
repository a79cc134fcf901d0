import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { agentOfUri } from "@vedette/sdk";

/** Whom a client believes and how it proves itself, PEM. The server's name is that of the address where none is given. */
export interface ClientTls {
  readonly ca?: Buffer | string;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly servername?: string;
}

/** A certificate that the other side of a connection proved to have. */
export interface PeerCertificate {
  /** Names of its kind URI. */
  readonly uris: readonly string[];
  /** Hexadecimal, in small letters. */
  readonly serial: string;
  /** When it ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** Who calls: a certificate that was verified, or why there is none. */
export type Caller = { readonly certificate: PeerCertificate } | { readonly problem: CallerProblem };
/** `missing`: the client showed none. */
export type CallerProblem = "missing" | "ended" | "not_yet" | "untrusted";

const untrusted = [
  ...["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
  ...["SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_SIGNATURE_FAILURE", "INVALID_CA"],
];
const noTls = ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"];

/** What an error of TLS means to a client, a sentence; undefined for errors of another kind. */
export function problemOfTls(error: Error): string | undefined {
  const { code = "", reason } = error as NodeJS.ErrnoException & { reason?: string };
  if (code === "CERT_HAS_EXPIRED") return "The certificate of the server has ended, or the clock is wrong.";
  if (code === "CERT_NOT_YET_VALID")
    return "The certificate of the server is not valid yet, or the clock is wrong.";
  if (untrusted.includes(code))
    return "The certificate of the server is of an authority that is not trusted.";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `The certificate of the server is for another name: ${reason ?? "none of its names is the host"}`;
  if (noTls.includes(code)) return "The server does not speak TLS there.";
  if (code === "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION") return "The server does not speak TLS 1.3.";
  return undefined;
}

/** Who is at the other end of a connection that asked for a certificate. */
export function callerOf(socket: TLSSocket): Caller {
  const found = socket.getPeerX509Certificate();
  if (!found) return { problem: "missing" };
  if (!socket.authorized) return { problem: callerProblem(String(socket.authorizationError)) };
  return { certificate: readCertificate(found) };
}

const readCertificate = (found: X509Certificate): PeerCertificate => ({
  uris: urisOf(found.subjectAltName ?? ""),
  serial: found.serialNumber.toLowerCase(),
  endsAt: found.validToDate.getTime(),
});

function callerProblem(code: string): CallerProblem {
  if (code === "CERT_HAS_EXPIRED") return "ended";
  return code === "CERT_NOT_YET_VALID" ? "not_yet" : "untrusted";
}

/** None where a name is written with quotes: such a name could hold what looks like further ones. */
const urisOf = (names: string): string[] =>
  names.includes('"')
    ? []
    : names.split(", ").flatMap((name) => (name.startsWith("URI:") ? name.slice(4) : []));

/** The agent that a certificate is for: its one name `urn:vedette:agent:ID`. Undefined where it has none, or several. */
export function nameOf({ uris }: PeerCertificate): string | undefined {
  const found = uris.flatMap((uri) => agentOfUri(uri) ?? []);
  return found.length === 1 ? found[0] : undefined;
}

const words: Readonly<Record<CallerProblem, string>> = {
  missing: "A certificate of this agent is needed (agent.collector.tls.certFile), and none was shown.",
  ended: "The certificate of this agent has ended.",
  not_yet: "The certificate of this agent is not valid yet, or a clock is wrong.",
  untrusted: "The certificate of this agent is of an authority that this collector does not trust.",
};

/** Why a client is not believed, a sentence for it. */
export const wordOf = (problem: CallerProblem): string => words[problem];
