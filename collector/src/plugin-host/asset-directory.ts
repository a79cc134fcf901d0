import { type Asset, type AssetDirectory, release } from "@vedette/sdk";
import type { Assets } from "../assets/index.ts";

const most = 20_000;

/** What a plugin sees of all assets. `show` gives an asset to the plugins that export assets. */
export const assetDirectory = (assets: Assets, show: (asset: Asset) => void): AssetDirectory => ({
  list: async () => (await assets.list(most, true)).map(({ asset }) => asset),
  released: async (releases) => {
    const told = releases.slice(0, most).map((each) => release.parse(each));
    for (const asset of await assets.released(told)) show(asset);
  },
});
