import { setting, settings as settingsOf } from "@vedette/sdk";
import type { z } from "zod";

const from = (source: string) => ({ visibleIf: { key: "source", is: source } });

export const settings = settingsOf({
  enabled: setting.boolean(false, { help: "Take systems and programs from an inventory." }),
  source: setting.select(["file", "url", "sent"], "file", {
    help: "A file on this machine, an address that is asked, or what is sent to POST /api/v1/assets/json-assets.",
  }),
  file: setting.file("", {
    help: "File with the inventory as JSON, packed with gzip or not.",
    ...from("file"),
  }),
  url: setting.url("", {
    help: "Address of the inventory. This machine and metadata services are refused; up to 3 redirects are followed.",
    ...from("url"),
  }),
  token: setting.password({ help: "Sent as a bearer token where one is set.", ...from("url") }),
  pollInterval: setting.number(3_600, {
    ...{ min: 10, max: 604_800 },
    help: "Seconds between two looks at the file or address.",
  }),
  offlineAfterHours: setting.number(168, {
    ...{ min: 1, max: 87_600 },
    help: "Hours after which a system that no inventory has counts as offline.",
  }),
});

export type Settings = z.infer<typeof settings>;
