import { errors } from "./wire/frames.ts";

/** Status codes of gRPC (its specification, "Status codes and their use in gRPC"). */
export const status = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** How a call ended. */
export interface CallStatus {
  /** A code of gRPC; those that a later version brings come through as they are. */
  readonly code: number;
  readonly details: string;
}

const byHttp: Readonly<Record<number, number>> = {
  400: status.internal,
  401: status.unauthenticated,
  403: status.permissionDenied,
  404: status.unimplemented,
  429: status.unavailable,
  502: status.unavailable,
  503: status.unavailable,
  504: status.unavailable,
};

/** The code that an answer without a status of gRPC stands for ("HTTP to gRPC Status Code Mapping"). */
export const statusOfHttp = (code: number): number => byHttp[code] ?? status.unknown;

const byReset: Readonly<Record<number, number>> = {
  [errors.none]: status.internal,
  [errors.refused]: status.unavailable,
  [errors.cancel]: status.cancelled,
  [errors.calm]: status.resourceExhausted,
  [errors.security]: status.permissionDenied,
};

/** The code that a stream which was reset stands for ("Errors" in gRPC over HTTP2). */
export const statusOfReset = (code: number): number => byReset[code] ?? status.internal;

/** A text as it may stand in a header: percent-encoded where it is not printable ASCII. */
export const encodeDetails = (text: string): string =>
  text.replaceAll(/[^\x20-\x24\x26-\x7e]/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );

/** The text of a header; as it is where it is wrongly encoded. */
export function decodeDetails(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
