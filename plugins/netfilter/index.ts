import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Packets that iptables, nftables or UFW wrote to the kernel log. */
export const netfilter = definePlugin({
  id: "netfilter",
  name: "Netfilter (iptables, nftables)",
  version: "1.0.0",
  description: "Packets logged by iptables, nftables and UFW.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Packets that iptables, nftables or UFW wrote to the kernel log." },
    de: { description: "Pakete, die iptables, nftables oder UFW ins Kernelprotokoll schrieben." },
  },
  parse: { dataTypes: ["netfilter"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
