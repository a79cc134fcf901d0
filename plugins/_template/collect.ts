import { readFile } from "node:fs/promises";
import type { CollectCapability } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** Fetches events every few seconds; each is stored once, however often it is given. */
export const collect: CollectCapability<Settings> = {
  async *collect({ settings: { feed }, signal }) {
    if (feed === "") return;
    for (const raw of (await readFile(feed, { encoding: "utf8", signal })).split("\n")) {
      if (raw === "") continue;
      const [time = "", ip = ""] = raw.split(" ");
      yield { "@timestamp": time, eventType: "access.denied", severity: "medium", origin: { ip }, raw };
    }
  },
};
