/** How far a device's clock may run ahead before the time of reading is trusted instead. */
const maxAheadMs = 5 * 60_000;

/**
 * When an event happened, in milliseconds since 1970: what the device says (`deviceTime`), so that a backlog read at
 * once is not taken for a burst; the time of reading (`@timestamp`) where the device says nothing or the future.
 */
export const eventTime = (read: number, device: number | undefined): number =>
  device !== undefined && device > 0 && device <= read + maxAheadMs ? device : read;
