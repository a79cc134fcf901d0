import { isVedetteError, messageOf, VedetteError } from "@vedette/sdk";
import type { ControlTarget, PostgresTarget } from "./target.ts";

/** Classes and codes of PostgreSQL after which the same may succeed later: lost, refused or busy connections, time-outs. */
const passing = /^(08...|53...|57P0[1-5]|57014|55P03|25006|25P0[34]|40001|40P01)$/;
/** Codes of Node for a server that is not there now, or whose name is not found now. */
const absent =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN)$/;
/** Sentences of the driver about the same, which carry no code. */
const lost =
  /^(Connection terminated|timeout e(xceeded|xpired)|Query read timeout|Client has encountered a connection error|Client was closed)/i;
const certificate = /CERT|SIGN|ISSUER|ERR_TLS|ERR_SSL/;

/** What a refusal means and what helps, by code of PostgreSQL. */
const cures: Readonly<Record<string, (at: PostgresTarget) => string>> = {
  "28P01": ({ user }) =>
    `The password of ${user} is wrong; correct collector.control.password, or the user in collector.control.url.`,
  "28000": ({ user }) =>
    `The server does not let ${user} in from here; look at its pg_hba.conf, or correct the user in collector.control.url.`,
  "3D000": ({ database, user }) =>
    `Make it with: CREATE DATABASE "${database}" OWNER "${user}"; or correct its name in collector.control.url.`,
  "42501": ({ database, user }) =>
    `Let the user make tables there: ALTER DATABASE "${database}" OWNER TO "${user}";`,
};

/** `control.unavailable` that retries, for a server that is not there now; undefined for any other error. */
export function passingError(error: unknown, at: PostgresTarget): VedetteError | undefined {
  const code = codeOf(error);
  if (!passing.test(code) && !absent.test(code) && !lost.test(messageOf(error))) return undefined;
  const text = `PostgreSQL at ${placeOf(at)} (collector.control.url) does not answer: ${sayingOf(error)}. Start it, or correct the address.`;
  return new VedetteError("control.unavailable", text, { verdict: "retry" }, { cause: error });
}

/** Why a control database cannot be opened: with the verdict `retry` where waiting may help, else `stop`. */
export function openingError(error: unknown, at: ControlTarget): VedetteError {
  if (isVedetteError(error)) return error;
  const stop = (text: string): VedetteError =>
    new VedetteError("control.unavailable", text, { verdict: "stop" }, { cause: error });
  if (at.kind === "sqlite")
    return stop(
      `The control database below ${at.dir} (collector.stateDir) cannot be opened: ${sayingOf(error)}`,
    );
  const passes = passingError(error, at);
  if (passes) return passes;
  const refused = `PostgreSQL at ${placeOf(at)} (collector.control.url) cannot be used: ${sayingOf(error)}.`;
  const code = codeOf(error);
  if (certificate.test(code))
    return stop(
      `${refused} Name the authority of its certificate as collector.control.tls.caFile, and its host as the certificate does.`,
    );
  if (/does not support SSL/.test(messageOf(error)))
    return stop(
      `${refused} Switch ssl on there, or set collector.control.dangerouslyAllowPlaintext on a network you trust.`,
    );
  const cure = cures[code]?.(at);
  return stop(cure ? `${refused} ${cure}` : refused);
}

const placeOf = ({ host, port, database }: PostgresTarget): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? "");

/** Several addresses of one name fail together; what each said is then one below. */
const sayingOf = (error: unknown): string => {
  const text =
    error instanceof AggregateError && error.message === ""
      ? error.errors.map((each) => messageOf(each)).join("; ")
      : messageOf(error);
  return text.slice(0, 500).replace(/\.$/, "");
};
