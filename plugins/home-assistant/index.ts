import { definePlugin, helpTexts } from "@vedette/sdk";
import { brokerConnection } from "./client.ts";
import { correlate, exporting, health, periodic } from "./publish.ts";
import { settings } from "./settings.ts";

/** Assets, alerts, actions and counters in Home Assistant, over MQTT discovery. */
export const homeAssistant = definePlugin({
  id: "home-assistant",
  name: "Home Assistant",
  version: "1.0.0",
  description: "Shows assets, alerts, actions and counters in Home Assistant, over MQTT discovery.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      ...helpTexts(settings),
      description: "Shows assets, alerts, actions and counters in Home Assistant, over MQTT discovery.",
      ...{ enabled: "Show in Home Assistant", broker: "Broker", assets: "Assets", publish: "Publish assets" },
      ...{
        "publish.auto": "After a change",
        "publish.interval": "At intervals",
        "publish.manual": "By hand",
      },
      ...{
        publishInterval: "Seconds between looks",
        messages: "Messages",
        alarmSeverity: "Alarm from severity",
      },
      ...{ messagesPerMinute: "Messages a minute", alarmSeconds: "Seconds of alarm" },
      ...{ "alarmSeverity.low": "Low", "alarmSeverity.medium": "Medium", "alarmSeverity.high": "High" },
    },
    de: {
      description: "Zeigt Assets, Alarme, Aktionen und Zähler in Home Assistant, über MQTT-Discovery.",
      ...{ enabled: "In Home Assistant zeigen", broker: "Broker", assets: "Assets" },
      publish: "Assets veröffentlichen",
      ...{
        "publish.auto": "Nach einer Änderung",
        "publish.interval": "In Abständen",
        "publish.manual": "Von Hand",
      },
      ...{ publishInterval: "Sekunden zwischen zwei Blicken", messages: "Meldungen" },
      ...{ alarmSeverity: "Alarm ab Schwere", messagesPerMinute: "Meldungen je Minute" },
      alarmSeconds: "Sekunden des Alarms",
      ...{ "alarmSeverity.low": "Niedrig", "alarmSeverity.medium": "Mittel", "alarmSeverity.high": "Hoch" },
      "enabled.help": "Assets, Alarme, Aktionen und Zähler in Home Assistant zeigen.",
      "broker.help": "Der Broker, dem Home Assistant zuhört.",
      "assets.help": "Eine Aktualisierung für jedes Programm eines Assets, und ob ein Asset da ist.",
      "publish.help":
        "Wann Assets veröffentlicht werden: nach einer Änderung, alle so viele Sekunden, oder nur wenn jemand sie ausgibt.",
      "publishInterval.help": "Sekunden zwischen zwei Blicken auf alle Assets.",
      "messages.help":
        "Jeden Alarm, jede Aktion und jedes Sicherheitsereignis als JSON veröffentlichen, für Automationen.",
      "messagesPerMinute.help":
        "Höchstzahl solcher Meldungen in einer Minute; was darüber ist, wird nur gezählt.",
      "alarmSeverity.help": "Alarme dieser Schwere und darüber schalten den Alarm ein.",
      "alarmSeconds.help": "Sekunden, die ein Alarm an bleibt.",
    },
  },
  guarantees:
    "What Home Assistant keeps is compared with what is true every 5 seconds, and removed where it is stale, after a restart too. Single messages are sent once and may be lost while the broker is away; counters are not.",
  connections: { broker: brokerConnection },
  export: exporting,
  correlate,
  periodic,
  health,
});
