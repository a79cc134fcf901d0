import { listEntry, parsePrefix, targetTypes } from "@vedette/sdk";
import { z } from "zod";

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const name = z.string().min(1).max(200);
const yearSeconds = 31_536_000;
const approvalTiers = ["auto", "one", "two"] as const;
const tier = z.enum(approvalTiers);

const range = z
  .string()
  .max(64)
  .refine((text) => parsePrefix(text) !== undefined, {
    error: "Expected an address or a range such as 10.0.0.0/8",
  });

/** What a rule may do by itself. */
export const actionRule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Lower case letters, digits, . _ and -, at most 63")
    .describe("By which it is previewed, armed and recorded. Keep it: runs are known by it."),
  rules: z
    .array(name)
    .min(1)
    .max(1_000)
    .describe("Names or identifiers of the rules whose alerts start it; `*` stands for any text."),
  minSeverity: z
    .enum(["low", "medium", "high"])
    .default("medium")
    .describe("Least severity of an alert that starts it."),
  action: name.describe("The action, such as `blocklist/ban` or `crowdsec/security.ban`."),
  field: z
    .string()
    .min(1)
    .max(200)
    .default("adversary.ip")
    .describe(
      "Path of the alert with the target, such as `adversary.ip`, `adversary.user` or `lastEvent.origin.ip`.",
    ),
  targetType: z
    .enum(targetTypes)
    .optional()
    .describe("What the field holds. Default: an address, or the only type that the action takes."),
  parameters: z.record(z.string(), z.string().max(2_000)).default({}).describe("Parameters of the action."),
  ttlSeconds: seconds(10, yearSeconds)
    .optional()
    .describe("How long a containment lasts the first time. Default: `ttl.defaultSeconds`."),
  windowSeconds: seconds(1, 604_800)
    .default(3_600)
    .describe("The same rule, action and target within so much time of the alerts is one run."),
  approvals: tier
    .optional()
    .describe("Persons who must agree before it is done. Default: `approvals.rules`."),
  dryRun: z.boolean().default(false).describe("Only record what it would do, whatever else is set."),
  // Without a default: rules that people have armed stay the rules that they saw.
  onActions: z
    .boolean()
    .optional()
    .describe(
      "Also act on alerts that events of actions (`vedette.action`) raised. Default: no, so that actions start no further ones in a circle.",
    ),
});
export type ActionRule = z.infer<typeof actionRule>;

const iconInputs = z.record(z.string().max(100), z.unknown()).default({});

/** What an action of an InsightConnect plugin does to whom, and how it is undone. */
export const guardedIconAction = z.strictObject({
  targetInput: z.string().min(1).max(100).describe("Its input that takes the target."),
  targets: z.array(z.enum(targetTypes)).min(1).default(["ip"]).describe("What the target may be."),
  input: iconInputs.describe("Its other inputs."),
  ttlInput: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("Its input that takes the seconds it lasts, where it ends by itself."),
  undo: z
    .strictObject({
      action: z
        .string()
        .min(1)
        .max(100)
        .describe("The plugin's action that takes it back; it must be harmless twice."),
      targetInput: z.string().min(1).max(100).optional().describe("Default: as above."),
      input: iconInputs.describe("Its other inputs."),
    })
    .optional()
    .describe("With it the action is a containment, which ends in time."),
  connection: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("Name of the connection; `default` where left out."),
  idempotent: z.boolean().default(false).describe("Doing it twice does no more than once."),
  deadlineSeconds: seconds(1, 300).default(60).describe("Longest time of one call."),
});
export type GuardedIconAction = z.infer<typeof guardedIconAction>;

/** `collector.respond.actions`: what may be done outside, and what holds it back. */
export const actionsConfig = z.strictObject({
  dryRun: z
    .boolean()
    .default(true)
    .describe("Record what would be done, and do nothing. Switch it off when previews show what you expect."),
  neverTouch: z
    .array(listEntry)
    .max(10_000)
    .default([])
    .describe(
      "Addresses, ranges and names (`host:dc-1`, `user:root`, `asset:…`) that nothing is ever done to: management networks, resolvers, your own public addresses. This machine, its resolvers and gateways, and the addresses of people who use the API are always on it.",
    ),
  allow: z
    .array(listEntry)
    .max(10_000)
    .default([])
    .describe("Trusted addresses, ranges and names: not acted on, and containments of them are lifted."),
  allowNonGlobal: z
    .array(range)
    .max(1_000)
    .default([])
    .describe("Ranges that are not public, such as private networks, and may be acted on nevertheless."),
  operatorHours: seconds(1, 720)
    .default(24)
    .describe("Hours for which an address that used the API is not touched."),
  trustedProxies: z
    .array(range)
    .max(100)
    .default(["127.0.0.0/8", "::1"])
    .describe("Proxies in front of the API whose X-Forwarded-For says who asks."),
  ipv6Prefix: z
    .int()
    .min(48)
    .max(128)
    .default(64)
    .describe("An IPv6 address is acted on as the range of this length around it."),
  widest: z
    .strictObject({
      ipv4: z.int().min(8).max(32).default(24),
      ipv6: z.int().min(32).max(128).default(48),
    })
    .prefault({})
    .describe("The shortest prefixes that may be acted on."),
  caps: z
    .strictObject({
      perMinute: z.int().min(0).max(10_000).default(30).describe("Runs that are begun in a minute."),
      perRun: z
        .int()
        .min(0)
        .max(10_000)
        .default(10)
        .describe("Runs that one alert or one job of a workflow may start."),
      active: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(10_000)
        .describe("Containments that stand or are on their way."),
    })
    .prefault({})
    .describe("More is refused and counted. 0 refuses all."),
  ttl: z
    .strictObject({
      defaultSeconds: seconds(10, yearSeconds).default(14_400).describe("Where nobody says how long."),
      maxSeconds: seconds(10, yearSeconds).default(604_800).describe("Longest a containment lasts."),
      growth: z
        .number()
        .min(1)
        .max(100)
        .default(2)
        .describe("Each containment of the same target lasts so many times longer than the one before."),
      rememberDays: z
        .int()
        .min(0)
        .max(365)
        .default(30)
        .describe("Containments of the last so many days count for that."),
    })
    .prefault({}),
  cooldownMinutes: z
    .int()
    .min(0)
    .max(43_200)
    .default(60)
    .describe("After a person lifted a containment, rules and workflows leave the target alone for so long."),
  approvals: z
    .strictObject({
      rules: tier.default("one").describe("For critical actions that rules start."),
      workflows: tier.default("one").describe("For those that workflows start."),
      people: tier.default("auto").describe("For those that a person asks for; that person does not count."),
      actions: z
        .record(name, tier)
        .default({})
        .describe("By id of an action; the stricter of both holds for people, rules and workflows."),
      timeoutMinutes: z
        .int()
        .min(1)
        .max(10_080)
        .default(60)
        .describe("When nobody has agreed by then, it is not done."),
    })
    .prefault({}),
  previewRules: z
    .boolean()
    .default(true)
    .describe(
      "A rule acts dry until somebody has seen on stored alerts what it would have done, and armed it (`vedette actions preview --rule NAME`, `vedette actions arm`).",
    ),
  drift: z
    .strictObject({
      everySeconds: seconds(5, 86_400).default(300).describe("How often the real state is looked at."),
      mend: z
        .boolean()
        .default(false)
        .describe("Do again what is missing at the backend. What is foreign there is only told."),
    })
    .prefault({}),
  keepDays: z.int().min(1).max(3_650).default(90).describe("Days that ended runs are kept."),
  rules: z
    .array(actionRule)
    .max(1_000)
    .default([])
    .refine((rules) => new Set(rules.map((each) => each.name)).size === rules.length, {
      error: "Two rules have one name",
    })
    .describe("Which rules may do what."),
});

export type ActionsConfig = z.infer<typeof actionsConfig>;
