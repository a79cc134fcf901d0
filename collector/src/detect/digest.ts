import { hash } from "node:crypto";

/** A digest of what is written of a rule, by which a change of it is told. Of plain data. */
export const digestOf = (...written: readonly unknown[]): string => hash("sha256", JSON.stringify(written));
