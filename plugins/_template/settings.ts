import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

/** Strict, bounded, defaulted and described: pages and references are made of this. */
export const settings = settingsOf({
  enabled: setting.boolean(true, { help: "Look hosts up and fetch events at all." }),
  prefix: setting.text("web-", { max: 64, help: "Hosts whose name begins like this are web servers." }),
  feed: setting.file("", { help: "File with a time and an address on each line. Empty: none." }),
});

export type Settings = z.infer<typeof settings>;
