import type { InputCapability } from "@vedette/sdk";
import { type Settings, settings } from "./settings.ts";

/** Starts nothing yet: the program runs when the agent asks for logs. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ command }) => command,
  open: async (config, deps) => {
    if (config.mode === "stream") {
      const { StreamInput } = await import("./stream.ts");
      return new StreamInput(config, deps);
    }
    const { IntervalInput } = await import("./interval.ts");
    return new IntervalInput(config, deps);
  },
};
