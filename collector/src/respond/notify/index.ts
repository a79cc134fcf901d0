export { Notifier } from "./notifier.ts";
export { type Delivery, deliveries, revive, tally } from "./outbox.ts";
export { notificationsConfig, ruleName, ruleSchema } from "./rule-schema.ts";
export type { RuleEntry } from "./rule-store.ts";
