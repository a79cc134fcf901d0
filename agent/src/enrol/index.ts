/** Enrolment of a host (docs/decisions/0331). What needs protobuf and keys is loaded when it is used. */
import type { EnrolDeps, EnrolOptions } from "./enrol.ts";
import type { Enrolment } from "./enrolment.ts";

export type { EnrolDeps, EnrolOptions } from "./enrol.ts";
export { type Enrolment, enrolmentFile, enrolmentState, readEnrolment } from "./enrolment.ts";
export { keepRenewed } from "./keep.ts";

/** Gets a certificate for this host; see `enrol.ts`. */
export async function enrolHost(options: EnrolOptions, deps: EnrolDeps): Promise<Enrolment> {
  return (await import("./enrol.ts")).enrolHost(options, deps);
}
