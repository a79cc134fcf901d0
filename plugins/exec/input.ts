import type { InputCapability } from "@vedette/sdk";
import { IntervalInput } from "./interval.ts";
import { type Settings, settings } from "./settings.ts";
import { StreamInput } from "./stream.ts";

/** Starts nothing yet: the program runs when the agent asks for logs. */
export const input: InputCapability<Settings> = {
  settings,
  identity: ({ command }) => command,
  open: async (config, deps) =>
    config.mode === "interval" ? new IntervalInput(config, deps) : new StreamInput(config, deps),
};
