import { z } from "zod";

/**
 * What is checked by schemas has no rings: it comes out of JSON, or out of YAML that was refused where an alias lies in what it
 * stands for (core/src/config). zod would search each schema for rings at its first use, deep ones again and again, which was a part of
 * every start that could be felt (docs/decisions/0247), and would keep what it has met with each check.
 */
const noRings: z.core.$ZodMemoizer = {
  alloc: (_schema, _payload, empty) => empty,
  guard: () => undefined,
  attach: () => undefined,
};

z.config({ memoizer: noRings });
