export { Assets, assetIdOf, type KnownAsset, offlineId, type Reported } from "./assets.ts";
export { type AssetLinks, hostsOf } from "./links.ts";
