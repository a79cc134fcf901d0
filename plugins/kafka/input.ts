import type { InputCapability } from "@vedette/sdk";
import { type Settings, settings } from "./settings.ts";

/** The client is loaded when the first such input is opened: it is large. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ brokers, topics, groupId }) => ({ brokers, topics, groupId }),
  open: async (config, deps) => {
    const { KafkaInput } = await import("./kafka-input.ts");
    return KafkaInput.open(config, deps);
  },
};
