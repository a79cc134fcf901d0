import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

export const settings = settingsOf({
  enabled: setting.boolean(true, { help: "Look up addresses at all." }),
  database: setting.file("", {
    help: "Country or city database in MaxMind format (.mmdb). Empty: the one that ships with Vedette.",
  }),
  asnDatabase: setting.file("", {
    help: "ASN database in MaxMind format (.mmdb). Empty: the one that ships with Vedette.",
  }),
});

export type Settings = z.infer<typeof settings>;
