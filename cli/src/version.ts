import { readAsset } from "@vedette/core/asset";

/** The version of this package. */
export const version = (
  JSON.parse(readAsset(new URL("../package.json", import.meta.url)).toString("utf8")) as { version: string }
).version;
