import type { NotifyCapability } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** Carries messages out, one after the other; throwing counts as a failure of this one. */
export const notify: NotifyCapability<Settings> = {
  topics: ["alert", "system.*"],
  notify: ({ topic, id }, { log }) => log.info({ topic, message: id }, "A message was carried out."),
};
