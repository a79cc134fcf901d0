import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type EnrolRequest,
  EnrolRequestSchema,
  type Issued,
  IssuedSchema,
  type RenewRequest,
  RenewRequestSchema,
} from "./gen/vedette/v1/enrol_pb.ts";

// Apart from the rest: an agent that is enrolled loads nothing of it.
export * from "./gen/vedette/v1/enrol_pb.ts";

const answers = {
  responseSerialize: (message: Issued): Buffer => Buffer.from(toBinary(IssuedSchema, message)),
  responseDeserialize: (bytes: Buffer): Issued => fromBinary(IssuedSchema, bytes),
};

/** The `Enrol` method in the form that `shipMethod` has. */
export const enrolMethod = {
  path: "/vedette.v1.Enrolment/Enrol",
  requestSerialize: (message: EnrolRequest): Buffer => Buffer.from(toBinary(EnrolRequestSchema, message)),
  requestDeserialize: (bytes: Buffer): EnrolRequest => fromBinary(EnrolRequestSchema, bytes),
  ...answers,
} as const;

/** The `Renew` method in the same form. */
export const renewMethod = {
  path: "/vedette.v1.Enrolment/Renew",
  requestSerialize: (message: RenewRequest): Buffer => Buffer.from(toBinary(RenewRequestSchema, message)),
  requestDeserialize: (bytes: Buffer): RenewRequest => fromBinary(RenewRequestSchema, bytes),
  ...answers,
} as const;

/** What a token is made of: the SHA-256 of the authority's certificate, its identifier, its secret. */
export interface EnrolToken {
  readonly authority: Buffer;
  readonly id: Buffer;
  readonly secret: Buffer;
}

const sizes = { authority: 32, id: 8, secret: 24 };
const prefix = "vde1_";

/** A token as people copy it: one word. */
export const writeToken = ({ authority, id, secret }: EnrolToken): string =>
  prefix + Buffer.concat([authority, id, secret]).toString("base64url");

/** The parts of a token; undefined where the text is none, or is not whole. */
export function readToken(text: string): EnrolToken | undefined {
  if (!/^vde1_[A-Za-z0-9_-]{86}$/.test(text)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), "base64url");
  if (bytes.length !== sizes.authority + sizes.id + sizes.secret) return undefined;
  const secretAt = sizes.authority + sizes.id;
  return {
    authority: bytes.subarray(0, sizes.authority),
    id: bytes.subarray(sizes.authority, secretAt),
    secret: bytes.subarray(secretAt),
  };
}
