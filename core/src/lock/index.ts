export { lockDir } from "./lock-dir.ts";
