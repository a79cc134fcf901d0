import { definePlugin, setting, settings } from "@vedette/sdk";

const smtp = { visibleIf: { key: "way", is: "smtp" } } as const;

/** Has a setting of each of the seven kinds. */
export const allKinds = definePlugin({
  id: "all_kinds",
  name: "All kinds",
  version: "2.1.0",
  author: "Vedette",
  description: "Asks for a setting of each kind.",
  apiVersion: 1,
  guarantees: "At most once: what waits when the collector ends is lost.",
  settings: settings({
    enabled: setting.boolean(false),
    sender: setting.text("vedette", { max: 20 }),
    way: setting.select(["smtp", "webhook"], "smtp"),
    host: setting.text("", smtp),
    port: setting.number(587, { min: 1, max: 65_535, ...smtp }),
    hook: setting.url("", { visibleIf: { key: "way", is: "webhook" } }),
    token: setting.password(),
    certificate: setting.file(),
  }),
  locales: {
    en: {
      description: "Asks for a setting of each kind.",
      ...{ enabled: "Switched on", sender: "Sender", "sender.help": "Stands in front of every message." },
      ...{ way: "Way", "way.smtp": "E-mail", "way.webhook": "Webhook", host: "Mail server", port: "Port" },
      ...{
        hook: "Address",
        "hook.help": "Is sent every message.",
        token: "Token",
        certificate: "Certificate",
      },
    },
    de: {
      description: "Fragt nach einer Einstellung jeder Art.",
      ...{ enabled: "Angeschaltet", sender: "Absender", "sender.help": "Steht vor jeder Meldung." },
      ...{ way: "Weg", "way.smtp": "E-Mail", "way.webhook": "Webhook", host: "Mailserver", port: "Port" },
      ...{ hook: "Adresse", "hook.help": "Bekommt jede Meldung.", token: "Token", certificate: "Zertifikat" },
    },
  },
  notify: { notify: () => undefined },
});
