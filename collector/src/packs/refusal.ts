import { VedetteError } from "@vedette/sdk";

/** A pack that is not taken, and why. */
export const refused = (why: string, cause?: unknown): VedetteError =>
  new VedetteError("pack.refused", why, { verdict: "stop" }, { cause });
