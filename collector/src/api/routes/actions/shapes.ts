import { z } from "@hono/zod-openapi";
import { type ActionDefinition, targetTypes } from "@vedette/sdk";
import type { ActionApprovalRow } from "../../../control/index.ts";
import { type Action, type Run, type RunState, runStates } from "../../../respond/index.ts";
import { iso } from "./support.ts";

const time = z.iso.datetime();

export const actionShape = z
  .object({
    id: z.string().openapi({ example: "blocklist/ban" }),
    source: z.enum(["plugin", "builtin", "icon"]),
    title: z.record(z.string(), z.string()).openapi({ description: "By language." }),
    help: z.record(z.string(), z.string()),
    aliases: z.array(z.string()),
    targets: z.array(z.enum(targetTypes)),
    critical: z.boolean().openapi({ description: "Guards hold, and `confirm` is needed to run it by hand." }),
    containment: z.boolean().openapi({ description: "It lasts for a time and is taken back then." }),
    permission: z.enum(["operate", "admin"]),
    parameters: z.array(
      z.object({
        name: z.string(),
        title: z.record(z.string(), z.string()),
        options: z.array(z.object({ value: z.string(), title: z.record(z.string(), z.string()) })).optional(),
        maxLength: z.int().optional(),
        pattern: z.string().optional(),
        default: z.string(),
      }),
    ),
    canList: z.boolean().openapi({ description: "Its real state can be compared." }),
    unavailable: z.string().optional().openapi({ description: "Why it cannot be done now." }),
    dryRun: z.boolean().openapi({ description: "Everything is recorded and nothing done." }),
  })
  .openapi("Action");

export const runShape = z
  .object({
    id: z.string(),
    action: z.string(),
    target: z.object({ type: z.enum(targetTypes), value: z.string() }),
    parameters: z.record(z.string(), z.string()),
    state: z.enum(runStates).openapi({
      description:
        "approval (waits for people), queued, begun, standing and lifting go on; done, lifted, dry, refused, denied, timed_out, cancelled, failed and uncertain have ended.",
    }),
    dryRun: z.boolean().openapi({ description: "Nothing was done: a dry run." }),
    containment: z.boolean(),
    uncertain: z.boolean().openapi({ description: "Nobody knows whether it was done." }),
    reason: z.string(),
    actor: z.string(),
    origin: z.enum(["person", "rule", "workflow"]),
    cause: z.record(z.string(), z.string()).openapi({ description: "The rule, alert or job that asked." }),
    outcome: z.string(),
    ttlSeconds: z.int().optional(),
    createdAt: time,
    begunAt: time.optional(),
    expiresAt: time.optional().openapi({ description: "When it is taken back." }),
    endedAt: time.optional(),
    approvalsNeeded: z.int(),
    approvalUntil: time.optional(),
    liftedBy: z.string().optional(),
    liftReason: z.string().optional(),
    attempts: z.int(),
  })
  .openapi("ActionRun");

export const wholeRun = runShape.extend({
  approvals: z.array(
    z.object({ by: z.string(), decision: z.enum(["approve", "deny"]), comment: z.string(), at: time }),
  ),
});

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;
const titles = (texts: Texts, key: string, usual: string): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([language, words]) => [language, words[key] ?? usual]));

/** An action as the API tells it. */
export function actionOf({ id, source, definition, texts, absence, list }: Action, dryRun: boolean) {
  const { name, targets, critical, containment = false, permission = "operate", aliases = [] } = definition;
  const unavailable = absence();
  return {
    ...{
      id,
      source,
      aliases: [...aliases],
      targets: [...targets],
      critical,
      containment,
      permission,
      dryRun,
    },
    ...{ title: titles(texts, name, name), help: titles(texts, `${name}.help`, "") },
    parameters: (definition.parameters ?? []).map((each) => parameterOf(each, name, texts)),
    canList: list !== undefined,
    ...(unavailable === undefined ? {} : { unavailable }),
  };
}

function parameterOf(
  parameter: NonNullable<ActionDefinition["parameters"]>[number],
  action: string,
  texts: Texts,
) {
  const { name, options, maxLength, pattern } = parameter;
  const key = `${action}.${name}`;
  return {
    ...{ name, title: titles(texts, key, name), default: parameter.default },
    ...(options && {
      options: options.map((value) => ({ value, title: titles(texts, `${key}.${value}`, value) })),
    }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(pattern === undefined ? {} : { pattern: pattern.source }),
  };
}

const timeAt = <Key extends string>(key: Key, at: number | null) =>
  (at === null ? {} : { [key]: iso(at) }) as Partial<Record<Key, string>>;

/** A run as the API tells it. */
export function runOf(run: Run): z.infer<typeof runShape> {
  const flag = (value: number): boolean => Number(value) === 1;
  const ttl = Number(run.ttl_seconds);
  return {
    ...{ id: run.id, action: run.action, state: run.state as RunState, dryRun: flag(run.dry) },
    target: { type: run.target_type as (typeof targetTypes)[number], value: run.target },
    parameters: JSON.parse(run.parameters) as Record<string, string>,
    ...{ containment: flag(run.containment), uncertain: flag(run.uncertain), reason: run.reason },
    ...{ actor: run.actor, origin: run.origin as "person", outcome: run.outcome },
    cause: JSON.parse(run.cause) as Record<string, string>,
    ...(ttl > 0 ? { ttlSeconds: ttl } : {}),
    createdAt: iso(run.created_at),
    ...{ ...timeAt("begunAt", run.begun_at), ...timeAt("expiresAt", run.expires_at) },
    ...timeAt("endedAt", run.ended_at),
    approvalsNeeded: Number(run.approvals),
    ...(run.state === "approval" ? timeAt("approvalUntil", run.due_at) : {}),
    ...(run.lift_by === null ? {} : { liftedBy: run.lift_by, liftReason: run.lift_reason ?? "" }),
    attempts: Number(run.attempt),
  };
}

export const approvalOf = ({ approver, decision, comment, at }: ActionApprovalRow) => ({
  ...{ by: approver, decision: decision as "approve", comment, at: iso(at) },
});
