import { z } from "zod";

const file = z.string().max(4_096).default("");

export const settings = z.strictObject({
  enabled: z.boolean().default(true).describe("Look up addresses at all."),
  database: file.describe(
    "Country or city database in MaxMind format (.mmdb). Empty: the one that ships with Vedette.",
  ),
  asnDatabase: file.describe(
    "ASN database in MaxMind format (.mmdb). Empty: the one that ships with Vedette.",
  ),
});

export type Settings = z.infer<typeof settings>;
