import { z } from "zod";

/** `collector.packs`: signed packs of rules, installed with `vedette rules pack install`. */
export const packsConfig = z.strictObject({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where packs are installed. Relative to the configuration file. Default: packs in the state folder.",
    ),
  trusted: z
    .array(
      z.strictObject({
        key: z
          .string()
          .regex(/^ed25519:[A-Za-z0-9+/]{43}=$/, "A key is ed25519: and 32 bytes in base64")
          .describe("Public key, as `vedette rules pack keygen` prints it."),
        packs: z
          .array(
            z.string().regex(/^(?:[a-z0-9-]{1,63}\*?|\*)$/, "The name of a pack, or its beginning and *"),
          )
          .min(1)
          .max(1_000)
          .default(["*"])
          .describe("Packs that it may sign; `*` at the end stands for the rest of a name."),
      }),
    )
    .max(100)
    .default([])
    .describe("Keys whose packs are taken. Without one none is."),
  maxMiB: z.int().min(1).max(1_024).default(64).describe("Most bytes of a pack."),
});
export type PacksConfig = z.infer<typeof packsConfig>;
