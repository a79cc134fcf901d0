import { severities } from "@vedette/sdk";
import { z } from "zod";
import { goDuration } from "../correlate/index.ts";
import { parseTemplate, TemplateFault } from "./notice-template.ts";

const pattern = z.string().min(1).max(200);
const patterns = z.array(pattern).min(1).max(100).optional();

const duration = (least: number, most: number) =>
  z
    .string()
    .max(64)
    .refine(
      (text) => {
        const ms = goDuration(text);
        return ms !== undefined && ms >= least && ms <= most;
      },
      `Expected a time such as 30s, 15m or 1h30m, from ${least / 1_000} s to ${most / 3_600_000} h`,
    );

const template = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .superRefine((text, context) => {
      try {
        parseTemplate(text);
      } catch (error) {
        if (!(error instanceof TemplateFault)) throw error;
        context.addIssue({ code: "custom", message: error.message, input: text });
      }
    });

const path = z
  .string()
  .max(200)
  .regex(/^[@A-Za-z_][\w@-]*(\.[\w@-]+)*$/, "Expected a path such as adversary.ip");

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Expected a time of day such as 22:00");
const zone = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
    } catch {
      return false;
    }
  }, "Expected a time zone such as Europe/Berlin");

const ms = (text: string): number => goDuration(text) ?? 0;

/** What a notification rule may be called. */
export const ruleName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "must be 1 to 63 of a-z, 0-9, dot, hyphen and underscore, a letter or digit first",
  );

/** Who is told of what, and how often. */
export const ruleSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Whether it tells anybody."),
    on: z
      .enum(["alert", "event", "incident"])
      .default("alert")
      .describe("What it looks at: alerts, events as they are stored, or incidents."),
    match: z
      .strictObject({
        type: patterns.describe("Event types, with `*` as wildcard; of an alert those of its last event."),
        name: patterns.describe("Names of rules, with `*` as wildcard. Case does not matter."),
        rule: patterns.describe("Identifiers of rules, with `*` as wildcard."),
        dataType: patterns.describe("Data types, with `*` as wildcard."),
        minSeverity: z.enum(severities).default("info").describe("Least severity."),
        country: z
          .array(z.string().regex(/^[A-Z]{2}$/, "Expected a code such as DE"))
          .min(1)
          .max(250)
          .optional()
          .describe("Countries of the source, ISO 3166-1 alpha-2."),
        asset: patterns.describe("Hosts, data sources or assets, with `*` as wildcard."),
      })
      .prefault({})
      .describe("All that are given must hold; one of each list."),
    threshold: z
      .strictObject({
        count: z.int().min(2).max(1_000).describe("So many within the time make one."),
        within: duration(1_000, 86_400_000).transform(ms).describe("Such as 10m."),
        per: path
          .default("source")
          .describe("What they have in common: a path, or one of the short names of templates."),
      })
      .optional()
      .describe("Tell only of what comes in numbers. Each collector counts what it has stored itself."),
    groupBy: z
      .array(path)
      .min(1)
      .max(5)
      .default(["name"])
      .describe("What is one kind of news: the first of a kind is told at once, the others are gathered."),
    immediate: z
      .int()
      .min(0)
      .max(100)
      .default(3)
      .describe(
        "Kinds of one severity that are told at once within a cooldown; the rest goes into its digest. 0: digests only.",
      ),
    cooldown: duration(1_000, 7 * 86_400_000)
      .default("15m")
      .transform(ms)
      .describe("How long what comes is gathered before the digest tells of it, such as 15m."),
    quietHours: z
      .strictObject({
        from: timeOfDay.describe("Such as 22:00."),
        to: timeOfDay.describe("Such as 06:30; before `from` it is on the next day."),
        zone: zone.default("UTC").describe("Time zone, such as Europe/Berlin."),
        except: z
          .enum(severities)
          .default("critical")
          .describe("From this severity on it is told all the same."),
      })
      .optional()
      .describe("When nobody wants to be told; what came is in the digest after it."),
    channels: z.array(ruleName).min(1).max(20).describe("Connections that notifications go over, by name."),
    title: template(300).optional().describe("Title, with values as `{{adversary.ip}}`."),
    text: template(4_000).optional().describe("Lines of text, with values as `{{adversary.ip}}`."),
  })
  .refine(({ on, threshold }) => on !== "incident" || threshold === undefined, {
    message: "An incident is told once; a threshold counts alerts and events only",
    path: ["threshold"],
  });
type RuleSettings = z.infer<typeof ruleSchema>;

/** A rule with its name. */
export interface NotificationRule extends RuleSettings {
  readonly name: string;
}

/** `collector.notifications`. */
export const notificationsConfig = z.strictObject({
  rules: z
    .record(ruleName, ruleSchema)
    .refine((rules) => Object.keys(rules).length <= 200, "At most 200 rules")
    .default({})
    .describe(
      "Rules by name. Further ones are made through the API; those of the configuration cannot be changed there.",
    ),
  pageUrl: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional()
    .describe("Address under which people reach the page: notifications then have a link."),
  language: z
    .enum(["en", "de"])
    .default("en")
    .describe("Language of what notifications say besides values and the titles and texts of rules."),
  languages: z
    .record(ruleName, z.enum(["en", "de"]))
    .default({})
    .describe("The same for single channels, by name."),
  attempts: z
    .int()
    .min(1)
    .max(50)
    .default(12)
    .describe("Attempts at one notification before it is a dead letter."),
  keepDays: z.int().min(1).max(365).default(14).describe("How long the log of deliveries is kept."),
  maxWaiting: z
    .int()
    .min(10)
    .max(100_000)
    .default(1_000)
    .describe("Notifications that may wait for one channel; further ones are dead letters at once."),
});
export type NotificationsConfig = z.infer<typeof notificationsConfig>;
