/** Resolves after a time or when the signal aborts, whichever is first. */
export { wait as pause } from "@vedette/sdk/input";
