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
  online: setting.boolean(false, {
    help: "Ask a provider on the internet for what the files lack, such as cities. It learns the public addresses of your logs.",
  }),
  onlineUrl: setting.url("http://ip-api.com/batch", {
    help: "Where to ask: a batch address like that of ip-api.com. The free one is not encrypted and not for commercial use.",
    visibleIf: { key: "online", is: true },
  }),
  onlinePerMinute: setting.number(10, {
    ...{ min: 1, max: 1_000, visibleIf: { key: "online", is: true } },
    help: "Most requests a minute, of up to 100 addresses each.",
  }),
});

export type Settings = z.infer<typeof settings>;
