export { endThread, threaded, threadStats } from "./threaded.ts";
