export { knownActions } from "./known.ts";
