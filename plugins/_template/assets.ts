import { hostname, networkInterfaces } from "node:os";
import type { AssetsCapability } from "@vedette/sdk";
import type { Settings } from "./settings.ts";

/** Reports what is to be protected. What a report lacks becomes inactive. */
export const assets: AssetsCapability<Settings> = {
  every: 3_600,
  assets: () => [
    {
      ...{ id: hostname(), name: hostname(), kind: "host", hostnames: [hostname()] },
      ips: Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []),
    },
  ],
};
