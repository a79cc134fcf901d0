/** Plugins that run in our process, installed as folders (docs/guide/plugins.md). */
export { type BrokenPlugin, type Discovered, discover, discoverNow } from "./discover.ts";
export { loadPlugin, placeOf } from "./load.ts";
