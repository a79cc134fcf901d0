import type { InputCapability } from "@vedette/sdk";
import { type Settings, settings } from "./settings.ts";

/** `journalctl` is started when the agent asks for logs. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ directory, files, namespace, units, identifiers, matches }) => ({
    ...{ directory, files, namespace, units, identifiers, matches },
  }),
  open: async (config, deps) => {
    const { JournalInput } = await import("./journal-input.ts");
    return new JournalInput(config, deps);
  },
};
