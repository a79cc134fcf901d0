import type { InputCapability } from "@vedette/sdk";
import { type Settings, settings } from "./settings.ts";

/** The engine is asked when the agent asks for logs. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ socket }) => socket,
  open: async (config, deps) => {
    const { DockerInput } = await import("./docker-input.ts");
    return new DockerInput(config, deps);
  },
};
