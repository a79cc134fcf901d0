import { z } from "zod";
import type { RunStep } from "./step.ts";

/** Discards the log. */
export const drop = z
  .strictObject({
    where: z
      .string()
      .min(1)
      .describe("CEL expression over the draft; the log is discarded where it is true."),
  })
  .describe("Discards the log.");

export const compileDrop = (): RunStep => (draft) => {
  draft.dropped = true;
  return undefined;
};
