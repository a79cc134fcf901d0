import { setTimeout } from "node:timers/promises";
import { credential, defineConnection, definePlugin, setting, settings } from "@vedette/sdk";
import { z } from "zod";

const smtp = { visibleIf: { key: "way", is: "smtp" } } as const;

/** Has a credential of each kind. Its test is healthy where the host is called `good`. */
const mail = defineConnection({
  title: "Mail server",
  description: "A user who may send.",
  settings: z.strictObject({
    host: z.string().min(1).max(255).meta({ title: "Host" }),
    port: z.int().min(1).max(65_535).default(587).meta({ title: "Port" }),
    tls: z.boolean().default(true).meta({ title: "TLS" }),
    to: z.array(z.string().max(100)).max(20).optional().meta({ title: "To" }),
    login: credential.usernamePassword({ title: "Log-in" }),
    secretKey: credential.secretKey().optional(),
    token: credential.token().optional(),
    key: credential.asymmetricKey().optional(),
    word: credential.password({ title: "Word" }).optional(),
    file: credential.file({ title: "Account file" }).optional(),
    bytes: credential.bytes({ title: "Bytes" }).optional(),
    proxy: z
      .discriminatedUnion("way", [
        z.strictObject({ way: z.literal("fixed"), address: z.string().min(1).max(255) }),
        z.strictObject({ way: z.literal("script"), script: z.string().min(1).max(255) }),
      ])
      .optional()
      .meta({ title: "Proxy" }),
  }),
  test: async ({ host }) => {
    await setTimeout(1_500);
    return host === "good"
      ? { status: "healthy", message: "It answers." }
      : { status: "error", message: `There is no ${host}.` };
  },
});

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
    server: setting.connection("mail", smtp),
  }),
  locales: {
    en: {
      description: "Asks for a setting of each kind.",
      "widget.posed": "Events that pose",
      ...{ enabled: "Switched on", sender: "Sender", "sender.help": "Stands in front of every message." },
      ...{ way: "Way", "way.smtp": "E-mail", "way.webhook": "Webhook", host: "Mail server", port: "Port" },
      ...{
        hook: "Address",
        "hook.help": "Is sent every message.",
        token: "Token",
        certificate: "Certificate",
        server: "Named server",
      },
    },
    de: {
      description: "Fragt nach einer Einstellung jeder Art.",
      "widget.posed": "Falsche Ereignisse",
      ...{ enabled: "Angeschaltet", sender: "Absender", "sender.help": "Steht vor jeder Meldung." },
      ...{ way: "Weg", "way.smtp": "E-Mail", "way.webhook": "Webhook", host: "Mailserver", port: "Port" },
      ...{ hook: "Adresse", "hook.help": "Bekommt jede Meldung.", token: "Token", certificate: "Zertifikat" },
      server: "Benannter Server",
    },
  },
  widgets: [{ id: "posed", kind: "counter", query: "dataType:lying", range: "24h" }],
  connections: { mail },
  notify: { notify: () => undefined },
});
