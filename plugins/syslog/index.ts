import { definePlugin, type InputCapability } from "@vedette/sdk";
import { z } from "zod";
import { channel, connection } from "./channel.ts";
import { inputSettings, type SyslogSettings } from "./settings.ts";

/** Lines with a syslog header, whatever the program. */
export const syslog = definePlugin({
  id: "syslog",
  name: "Syslog",
  version: "1.0.0",
  description: "Syslog: RFC 3164 and RFC 5424, received over UDP, TCP and TLS, or read from files.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Lines with a syslog header, whatever the program." },
    de: { description: "Zeilen mit Syslog-Kopf, gleich von welchem Programm." },
  },
  guarantees:
    "UDP may lose what comes faster than it can be kept; every loss that can be seen is counted. TCP and TLS make senders wait; what a sender had in flight when this host fails is lost, as syslog has no acknowledgement.",
  input: {
    settings: inputSettings,
    identity: ({ listen }) => listen.map(({ protocol, address }) => ({ protocol, address })),
    open: async (settings, deps) => (await import("./input.ts")).openSyslog(settings, deps),
  } satisfies InputCapability<SyslogSettings>,
  connections: { receiver: connection },
  notify: { channels: { receiver: channel } },
  parse: { dataTypes: ["syslog"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
