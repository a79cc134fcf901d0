export { catchUp } from "./catch-up.ts";
export { changedIncidents } from "./incidents.ts";
export { Notifier } from "./notifier.ts";
export type { Delivery } from "./outbox.ts";
