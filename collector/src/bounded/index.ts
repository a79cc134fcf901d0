export { wait as pause } from "@vedette/sdk/input";
export { GroupCommit } from "./group-commit.ts";
export { insist, waitBefore } from "./insist.ts";
export { Lru } from "./lru.ts";
export { inSlices } from "./slices.ts";
