import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

export const settings = settingsOf({
  enabled: setting.boolean(false, { help: "Take nodes and guests of Proxmox VE as assets." }),
  apiUrl: setting.url("", { help: "Address of a node, such as https://pve.example.net:8006." }),
  tokenId: setting.text("", {
    ...{ max: 200, pattern: /^$|^[^\s@!]+@[^\s@!]+![^\s@!=]+$/ },
    help: "Name of an API token, such as vedette@pve!assets. The role PVEAuditor is enough.",
  }),
  tokenSecret: setting.password({ help: "Secret of the token." }),
  tls: setting.select(["verify", "authority", "dangerouslyUnverified"], "verify", {
    help: "How the certificate is checked. A new Proxmox has an authority of its own: /etc/pve/pve-root-ca.pem.",
  }),
  authorityFile: setting.file("", {
    help: "Certificate authorities, PEM.",
    visibleIf: { key: "tls", is: "authority" },
  }),
  pollInterval: setting.number(300, { ...{ min: 30, max: 86_400 }, help: "Seconds between two reports." }),
  offlineAfterHours: setting.number(24, {
    ...{ min: 1, max: 87_600 },
    help: "Hours after which a guest that no report has counts as offline.",
  }),
});

export type Settings = z.infer<typeof settings>;
