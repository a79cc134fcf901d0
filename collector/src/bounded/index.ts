export { Chain, type Link } from "./chain.ts";
export { Lru } from "./lru.ts";
