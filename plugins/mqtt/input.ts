import type { InputCapability } from "@vedette/sdk";
import { type Settings, settings } from "./settings.ts";

/** The client is loaded when the first such input is opened. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ url, clientId }) => ({ url, clientId }),
  open: async (config, deps) => {
    const { MqttInput } = await import("./mqtt-input.ts");
    return MqttInput.open(config, deps);
  },
};
