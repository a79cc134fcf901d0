import { definePlugin, helpTexts } from "@vedette/sdk";
import { assets, health } from "./assets.ts";
import { settings } from "./settings.ts";

/** Nodes, virtual machines and containers of Proxmox VE, with the programs that their notes name. */
export const proxmoxAssets = definePlugin({
  id: "proxmox-assets",
  name: "Proxmox assets",
  version: "1.0.0",
  description:
    "Nodes, virtual machines and containers of Proxmox VE, with the programs that their notes name.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      ...helpTexts(settings),
      description:
        "Nodes, virtual machines and containers of Proxmox VE, with the programs that their notes name.",
      ...{ enabled: "Take guests", apiUrl: "Address", tokenId: "Token", tokenSecret: "Secret" },
      ...{
        tls: "Certificate",
        "tls.verify": "Check",
        "tls.authority": "Check with an authority of one's own",
      },
      "tls.dangerouslyUnverified": "Do not check (dangerous)",
      ...{ authorityFile: "Authorities", pollInterval: "Seconds between reports" },
      offlineAfterHours: "Offline after hours",
    },
    de: {
      description:
        "Knoten, virtuelle Maschinen und Container von Proxmox VE, mit den Programmen, die ihre Notizen nennen.",
      ...{ enabled: "Gäste übernehmen", apiUrl: "Adresse", tokenId: "Token", tokenSecret: "Geheimnis" },
      ...{ tls: "Zertifikat", "tls.verify": "Prüfen", "tls.authority": "Mit eigener Stelle prüfen" },
      "tls.dangerouslyUnverified": "Nicht prüfen (gefährlich)",
      ...{ authorityFile: "Zertifizierungsstellen", pollInterval: "Sekunden zwischen zwei Berichten" },
      offlineAfterHours: "Offline nach Stunden",
      "enabled.help": "Knoten und Gäste von Proxmox VE als Assets übernehmen.",
      "apiUrl.help": "Adresse eines Knotens, etwa https://pve.example.net:8006.",
      "tokenId.help": "Name eines API-Tokens, etwa vedette@pve!assets. Die Rolle PVEAuditor genügt.",
      "tokenSecret.help": "Geheimnis des Tokens.",
      "tls.help":
        "Wie das Zertifikat geprüft wird. Ein neues Proxmox hat eine eigene Stelle: /etc/pve/pve-root-ca.pem.",
      "authorityFile.help": "Zertifizierungsstellen, PEM.",
      "pollInterval.help": "Sekunden zwischen zwei Berichten.",
      "offlineAfterHours.help": "Stunden, nach denen ein Gast als offline gilt, den kein Bericht mehr nennt.",
    },
  },
  guarantees:
    "A report is whole or none: while a node does not answer nothing counts as gone. A guest keeps its identity when it moves to another node.",
  assets,
  health,
});
