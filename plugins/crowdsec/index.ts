import { definePlugin } from "@vedette/sdk";
import { action, backendOf } from "./action.ts";
import { collect } from "./collect.ts";
import { lapi } from "./lapi.ts";
import { settings } from "./settings.ts";
import { page, texts, views, widgets } from "./views.ts";

/** CrowdSec: its log on agents; bans and decisions over its local API or its command in the collector. */
export const crowdsec = definePlugin({
  id: "crowdsec",
  name: "CrowdSec",
  version: "1.1.0",
  description: "CrowdSec: its log, its decisions, and bans.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      ...texts.en,
      description: "Reads CrowdSec's log and decisions, and bans addresses with it.",
      ...{
        enabled: "Switched on",
        transport: "Way to CrowdSec",
        connection: "Connection",
        cscliPath: "Command",
      },
      ...{ "transport.lapi": "Local API", "transport.cscli": "Command cscli" },
      ...{ decisions: "Store decisions", origins: "Origins", pollInterval: "Seconds between looks" },
      ...{ "security.ban": "Ban with CrowdSec", "security.unban": "Lift CrowdSec's bans" },
      "security.ban.help": "Makes a decision that every bouncer of this CrowdSec enforces.",
      "security.unban.help": "Lifts every ban of exactly this address or range, whoever made it.",
    },
    de: {
      ...texts.de,
      description: "Liest Protokoll und Entscheidungen von CrowdSec und sperrt Adressen damit.",
      ...{
        enabled: "Eingeschaltet",
        transport: "Weg zu CrowdSec",
        connection: "Verbindung",
        cscliPath: "Befehl",
      },
      ...{ "transport.lapi": "Lokale API", "transport.cscli": "Befehl cscli" },
      ...{
        decisions: "Entscheidungen speichern",
        origins: "Herkunft",
        pollInterval: "Sekunden zwischen Abfragen",
      },
      ...{ "security.ban": "Mit CrowdSec sperren", "security.unban": "Sperren von CrowdSec aufheben" },
      "security.ban.help": "Trifft eine Entscheidung, die jeder Bouncer dieses CrowdSec durchsetzt.",
      "security.unban.help":
        "Hebt jede Sperre genau dieser Adresse oder dieses Netzes auf, wer auch immer sie verhängt hat.",
    },
  },
  guarantees:
    "Decisions are stored at least once, and recognised when they come again. A ban whose outcome is not known is looked for by its mark before it is made again; CrowdSec ends it in time by itself.",
  connections: { lapi },
  ...{ widgets, page, views },
  parse: { dataTypes: ["crowdsec"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
  duplicates: [
    // The decision of an action, and the line of the log about it.
    { same: ["log.actionId", "eventType"], withinSeconds: 600, eventTypes: ["security.ban"] },
    // The line of the log about a decision of CrowdSec's own.
    {
      same: ["origin.ip", "eventType"],
      withinSeconds: 30,
      eventTypes: ["security.ban"],
      backfill: ["log.decisionId"],
    },
  ],
  action,
  collect,
  async health(context) {
    return { status: "healthy", message: await (await backendOf(context)).check() };
  },
});
