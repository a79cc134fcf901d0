// kafkajs has no door to this part of it, and no types for it.
// @ts-expect-error
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

interface Queue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

/**
 * Keeps kafkajs 2.2.4 from burning 5 to 7 % of a core while it has nothing to do: after every answer its queue of requests
 * arms a timer of 1 ms (`throttledUntil - Date.now()` is negative) that arms itself anew for ever, although nothing waits.
 * The timer is armed only where there is something to check. Done here, at run time, because a patched copy of the package
 * would be a fork to keep; in a version without this method nothing is changed. Safe to call again.
 */
export function calmTimers(): void {
  const prototype = (RequestQueue as { prototype: Queue & { calm?: true } }).prototype;
  const arm = prototype.scheduleCheckPendingRequests;
  if (prototype.calm || typeof arm !== "function") return;
  prototype.calm = true;
  prototype.scheduleCheckPendingRequests = function (this: Queue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) arm.call(this);
  };
}
