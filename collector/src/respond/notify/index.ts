export { catchUp } from "./catch-up.ts";
export { Notifier } from "./notifier.ts";
export type { Delivery } from "./outbox.ts";
