import type { Logger } from "@vedette/sdk";

/** The same log for what plugins write to stderr, which is where all of their log goes: for those who look for it. */
export const quietLog = (log: Logger): Logger => ({
  debug: log.debug.bind(log),
  info: log.debug.bind(log),
  warn: log.debug.bind(log),
  error: log.error.bind(log),
});
