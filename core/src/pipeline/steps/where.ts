import { z } from "zod";

/** The condition every step may have. Empty text is none, as in protobuf JSON. */
export const where = z
  .string()
  .transform((text) => (text.trim() === "" ? undefined : text))
  .optional()
  .describe("CEL expression over the draft; the step is skipped where it is not true.");
