import { definePlugin, helpTexts } from "@vedette/sdk";
import { assets, health } from "./assets.ts";
import { settings } from "./settings.ts";

/** Systems and programs from an inventory as JSON: a file, an address, or what is sent. */
export const jsonAssets = definePlugin({
  id: "json-assets",
  name: "JSON assets",
  version: "1.0.0",
  description: "Systems and programs from an inventory as JSON: a file, an address, or what is sent.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      ...helpTexts(settings),
      description: "Systems and programs from an inventory as JSON: a file, an address, or what is sent.",
      ...{ enabled: "Take an inventory", source: "Source", "source.file": "File", "source.url": "Address" },
      ...{ "source.sent": "Sent to the API", file: "File", url: "Address", token: "Token" },
      ...{ pollInterval: "Seconds between looks", offlineAfterHours: "Offline after hours" },
    },
    de: {
      description: "Systeme und Programme aus einem Inventar als JSON: Datei, Adresse oder gesendet.",
      ...{
        enabled: "Inventar übernehmen",
        source: "Quelle",
        "source.file": "Datei",
        "source.url": "Adresse",
      },
      ...{ "source.sent": "An die API gesendet", file: "Datei", url: "Adresse", token: "Token" },
      ...{ pollInterval: "Sekunden zwischen zwei Blicken", offlineAfterHours: "Offline nach Stunden" },
      "enabled.help": "Systeme und Programme aus einem Inventar übernehmen.",
      "source.help":
        "Eine Datei auf diesem Rechner, eine Adresse, die gefragt wird, oder was an POST /api/v1/assets/json-assets gesendet wird.",
      "file.help": "Datei mit dem Inventar als JSON, mit gzip gepackt oder nicht.",
      "url.help":
        "Adresse des Inventars. Dieser Rechner und Metadatendienste werden abgelehnt; bis zu 3 Umleitungen werden befolgt.",
      "token.help": "Wird, wenn gesetzt, als Bearer-Token gesendet.",
      "pollInterval.help": "Sekunden zwischen zwei Blicken auf Datei oder Adresse.",
      "offlineAfterHours.help":
        "Stunden, nach denen ein System als offline gilt, das kein Inventar mehr nennt.",
    },
  },
  guarantees:
    "A system that an inventory lacks becomes inactive and is never deleted; so does a program. What does not fit is left out and named; an inventory that is none changes nothing.",
  assets,
  health,
});
