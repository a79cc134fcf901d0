import { z } from "zod";

/** The condition every step may have. */
export const where = z
  .string()
  .min(1)
  .optional()
  .describe("CEL expression over the draft; the step is skipped where it is not true.");
