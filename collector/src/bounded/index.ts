export { insist } from "./insist.ts";
export { Lru } from "./lru.ts";
