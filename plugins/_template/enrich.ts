import type { EnrichCapability } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** Says of a host what group it belongs to. The engine asks once for each distinct value and keeps the answer. */
export const enrich: EnrichCapability<Settings> = {
  from: "host",
  to: ["group"],
  async open({ enabled, prefix }) {
    return {
      lookup: (host) => (enabled && host.startsWith(prefix) ? { group: "web" } : undefined),
      health: () => ({
        status: "healthy",
        message: enabled ? `Knows hosts that begin with ${prefix}.` : "Switched off.",
      }),
    };
  },
};
