import { z } from "zod";

/** What every input has, whatever its kind. */
export const commonKeys = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "Expected up to 63 letters, digits and - _ .")
    .optional()
    .describe(
      "Name of the input, stable for ever: the place it has reached is kept under it. Default: made from its settings.",
    ),
  dataType: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, "Expected a name of letters, digits and - _ . :")
    .describe("Kind of log, which selects pipelines and rules, such as `nginx`."),
  dataSource: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("Host the logs come from. Default: this host's name, or what the input sees."),
} as const;
