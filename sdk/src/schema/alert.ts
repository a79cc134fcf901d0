import { z } from "zod";
import { type Event, event, side } from "./event.ts";
import { fieldsOf, text, texts, time, u32 } from "./fields.ts";

const column = { column: true } as const;
const low = { column: true, lowCardinality: true } as const;

/** How much a rule's finding harms, 0 (none) to 3 (high) each. The score of an alert is the maximum. */
export const impact = z.strictObject({
  confidentiality: u32("0 to 3.", column),
  integrity: u32("0 to 3.", column),
  availability: u32("0 to 3.", column),
});

/** The scalar part of an alert: a finding that a person or a workflow may act on. */
export const alertHead = z.strictObject({
  id: text("Deterministic: rule, group key and first event, so a replay folds into the same alert.", column),
  "@timestamp": time("When it was first raised.", column),
  lastUpdate: time("When it last changed.", column),
  name: text("Name of the rule.", low),
  ruleId: text("Identifier of the rule.", low),
  tenantId: text("Tenant identifier.", low),
  tenantName: text("Tenant name.", low),
  dataSource: text("Source of the event that raised it.", low),
  dataType: text("Data type of the event that raised it.", low),
  category: text("Category of the rule.", low),
  technique: text("ATT&CK technique, free text such as `T1110 - Brute Force`.", low),
  tags: texts("Tags of the rule, such as `attack.t1110.001`."),
  tactics: texts("ATT&CK tactics, from the technique and the tags, such as `TA0006`.", column),
  techniques: texts("ATT&CK techniques, from the technique and the tags, such as `T1110.001`.", column),
  entities: texts("Who it is about, as `kind:value`: `ip:203.0.113.7`, `user:root`, `host:web-1`.", column),
  risk: u32("Points that it adds to the risk of its entities.", column),
  hidden: text(
    "Why nobody is told of it: inhibited, silenced, maintenance or excepted. Empty where it is not hidden.",
    low,
  ),
  hiddenBy: text("What hides it: the alert that inhibits it, or the silence, window or exception.", column),
  description: text("What the finding means and what to do."),
  references: texts("Links to read on."),
  impact: impact.optional(),
  impactScore: u32("The highest of the three impacts.", column),
  severity: text("low, medium or high, from the impact score unless the rule says otherwise.", low),
  status: text("open, acknowledged or closed.", low),
  parentId: text("Alert this one was grouped under.", column),
  groupBy: texts("Alert paths that group this alert under an earlier one."),
  deduplicateBy: texts("Alert paths that make this alert a repeat of an earlier one."),
  errors: texts("What went wrong while it was made."),
});

export const alert = alertHead.extend({
  adversary: side.optional(),
  target: side.optional(),
  /** History events found first, the triggering event last. */
  events: z.array(event).optional(),
  lastEvent: event.optional(),
});

export type Alert = z.infer<typeof alert>;
export type AlertEvent = Event;

export const alertFields = fieldsOf(alertHead);
