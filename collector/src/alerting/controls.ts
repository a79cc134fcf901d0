import type { Alert, Event } from "@vedette/sdk";
import { z } from "zod";
import { type AlertTest, compileMatchers, matchersSchema } from "../alert-match/index.ts";
import { eventTime } from "../correlate/index.ts";
import { compileWeekly, weeklySchema } from "./schedule.ts";

export const controlKinds = ["silence", "maintenance", "exception"] as const;
export type ControlKind = (typeof controlKinds)[number];

/** Bounds of what hides alerts. */
export const controlLimits = {
  /** Of all kinds that are not over. */
  active: 1_000,
  /** Also those that are over: the oldest of them leave. */
  kept: 5_000,
  commentLength: 2_000,
  /** The longest time of an exception and of a silence. */
  days: 400,
} as const;

const moment = z.iso.datetime({ offset: true });
const comment = z.string().trim().min(1).max(controlLimits.commentLength);
const common = {
  comment: comment.meta({ description: "Why, for those who find it later." }),
  matchers: matchersSchema.meta({ description: "What is hidden: alerts for which all of them hold." }),
};

const ordered = (of: { startsAt?: string | undefined; endsAt: string }): boolean =>
  of.startsAt === undefined || Date.parse(of.startsAt) < Date.parse(of.endsAt);
const endsLater = { message: "must be later than startsAt", path: ["endsAt"] };

/** Hides alerts that are raised while it lasts. */
export const silenceSchema = z
  .strictObject({ ...common, startsAt: moment.optional(), endsAt: moment })
  .refine(ordered, endsLater);

/** Hides alerts of events that happened while something is worked on: once, or every week. */
export const maintenanceSchema = z
  .strictObject({
    ...common,
    startsAt: moment.optional(),
    endsAt: moment.optional().meta({ description: "Needed unless it comes again every week." }),
    weekly: weeklySchema.optional(),
  })
  .refine(({ endsAt, weekly }) => endsAt !== undefined || weekly !== undefined, {
    message: "is needed for a window that comes once",
    path: ["endsAt"],
  })
  .refine(({ startsAt, endsAt }) => endsAt === undefined || ordered({ startsAt, endsAt }), endsLater);

/** Takes something out of what one rule finds. */
export const exceptionSchema = z
  .strictObject({ ...common, endsAt: moment.meta({ description: "When it has to be looked at again." }) })
  .refine(({ matchers }) => matchers.some(isRule), {
    message: "must name the rule: a matcher with the field rule, the operator is, and no *",
    path: ["matchers"],
  })
  .refine(
    ({ matchers }) => matchers.some(({ field, operator }) => field !== "rule" && operator !== "isNot"),
    {
      message: "must say what is excluded, besides the rule",
      path: ["matchers"],
    },
  );

const isRule = ({ field, operator, values }: z.infer<typeof matchersSchema>[number]): boolean =>
  field === "rule" && operator === "is" && values.every((value) => !value.includes("*"));

export const controlSchemas = {
  silence: silenceSchema,
  maintenance: maintenanceSchema,
  exception: exceptionSchema,
} as const;

export type ControlBody = z.infer<typeof maintenanceSchema>;

/** A silence, maintenance window or exception as it is stored. Times are milliseconds since 1970. */
export interface Control {
  readonly id: string;
  readonly kind: ControlKind;
  readonly author: string;
  readonly comment: string;
  readonly matchers: ControlBody["matchers"];
  readonly startsAt: number;
  /** Undefined where it has no end. */
  readonly endsAt: number | undefined;
  readonly weekly?: ControlBody["weekly"];
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A control made ready to be asked. `now` in milliseconds since 1970. */
export interface CompiledControl {
  readonly control: Control;
  hides(alert: Alert, now: number): boolean;
}

/**
 * Silences and exceptions count from when an alert is raised. A window of maintenance counts from when the event happened,
 * for a host that was off the network tells of it later.
 */
export function compileControl(control: Control): CompiledControl {
  const { kind, startsAt, endsAt, weekly } = control;
  const matches: AlertTest = compileMatchers(control.matchers);
  const again = weekly && compileWeekly(weekly);
  const lasts = (time: number): boolean =>
    time >= startsAt && (endsAt === undefined || time < endsAt) && (again === undefined || again(time));
  const timeOf = ({ lastEvent }: Alert, now: number): number =>
    kind === "maintenance" && lastEvent ? happenedAt(lastEvent, now) : now;
  return { control, hides: (alert, now) => lasts(timeOf(alert, now)) && matches(alert) };
}

function happenedAt(event: Event, now: number): number {
  const read = Date.parse(event["@timestamp"] ?? "");
  const device = event.deviceTime === undefined ? undefined : Date.parse(event.deviceTime);
  return eventTime(Number.isNaN(read) ? now : read, device);
}

/** Where a control stands at a moment. */
export function stateOf({ startsAt, endsAt, weekly }: Control, now: number): "waiting" | "active" | "over" {
  if (endsAt !== undefined && now >= endsAt) return "over";
  if (now < startsAt) return "waiting";
  return weekly === undefined || compileWeekly(weekly)(now) ? "active" : "waiting";
}
