import { createHmac, timingSafeEqual } from "node:crypto";
import type { Batch } from "@vedette/core/batch";
import { type CelProgram, CelRuntimeError, compileCel, docOf } from "@vedette/core/pipeline";
import { type Alert, type Event, severities } from "@vedette/sdk";
import type { Value } from "./expression/index.ts";
import type { Incident } from "./notify/index.ts";
import { actionDataType, isOfActions } from "./of-actions.ts";
import type { TriggerDoc, Workflow } from "./workflow/index.ts";

type Of<Type extends TriggerDoc["type"]> = Extract<TriggerDoc, { type: Type }>;

/** A workflow's triggers of one kind. */
export const triggersOf = <Type extends TriggerDoc["type"]>(workflow: Workflow, type: Type): Of<Type>[] =>
  workflow.triggers.filter((each): each is Of<Type> => each.type === type);

/**
 * Whether an alert starts a workflow. Names and ids of rules are compared without regard to case. One that actions themselves gave rise
 * to does so only where the trigger says so: no loops.
 */
export function startsOn(workflow: Workflow, alert: Alert): boolean {
  const names = [alert.name, alert.ruleId].filter((name) => name !== undefined);
  const ofActions = isOfActions(alert);
  return triggersOf(workflow, "alert").some(
    ({ onActions = false, ...trigger }) =>
      (onActions || !ofActions) && isMeant(trigger, alert.severity, names),
  );
}

/** Whether an incident, as it is now, starts a workflow. */
export function startsOnIncident(workflow: Workflow, incident: Incident): boolean {
  return triggersOf(workflow, "incident").some(
    ({ minAlerts = 1, ...trigger }) =>
      incident.alerts >= minAlerts && isMeant(trigger, incident.severity, incident.rules),
  );
}

function isMeant(
  { rules, minSeverity }: { rules?: string[] | undefined; minSeverity?: string | undefined },
  severity: string | undefined,
  names: readonly string[],
): boolean {
  const rank = (of = "") => (severities as readonly string[]).indexOf(of);
  if (minSeverity !== undefined && rank(severity) < rank(minSeverity)) return false;
  if (!rules) return true;
  return rules.some((pattern) => names.some((name) => fits(pattern.toLowerCase(), name.toLowerCase())));
}

/** What starts a job: its input, by whom, and the key that makes it one for each workflow. */
export interface Start {
  readonly workflow: Workflow;
  readonly input: Value;
  readonly startedBy: string;
  readonly triggerKey: string;
}

/** Finds the rows of stored batches that start workflows. */
export class EventStarts {
  readonly #onEvents: readonly {
    readonly workflow: Workflow;
    readonly dataTypes: readonly string[] | undefined;
    /** Undefined for rows of plugins, which all start it. */
    readonly program: CelProgram | undefined;
  }[];

  constructor(workflows: Iterable<Workflow>) {
    this.#onEvents = [...workflows].flatMap((workflow) => [
      ...triggersOf(workflow, "event").map(({ dataTypes, where }) => ({
        ...{ workflow, dataTypes, program: compileCel(where) },
      })),
      ...triggersOf(workflow, "plugin").map(({ dataTypes }) => ({ workflow, dataTypes, program: undefined })),
    ]);
  }

  /** Costs nothing where no workflow asks for events. */
  *of(batches: readonly Batch[]): Generator<Start> {
    for (const { workflow, dataTypes, program } of this.#onEvents) {
      for (const batch of batches) {
        const { dataType } = batch.header;
        if (dataTypes && !dataTypes.some((pattern) => fits(pattern, dataType))) continue;
        // Who takes events of all kinds does not mean those of its own actions.
        if (dataType === actionDataType && !dataTypes?.includes(actionDataType)) continue;
        for (let row = 0; row < batch.rows; row++) {
          const event = batch.event(row);
          if (program && !holds(program, event)) continue;
          yield {
            ...{ workflow, input: program ? plain(event) : rowOf(event) },
            startedBy: `${program ? "event" : "plugin"} ${dataType}`,
            triggerKey: `${workflow.id}/event/${event.id ?? ""}`,
          };
        }
      }
    }
  }
}

/** Whether a filter takes an event; a fault of the filter counts as no. */
function holds(program: CelProgram, event: Event): boolean {
  try {
    return program.test(docOf(event));
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    return false;
  }
}

/** A row as its plugin sent it: the object that the line is, else the line as `{raw}`. */
function rowOf({ raw = "" }: Event): Value {
  try {
    const row = JSON.parse(raw) as Value;
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return row;
  } catch {
    // No JSON: the line as it is.
  }
  return { raw };
}

/** `*` stands for any text. */
export function fits(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** An alert or an event as steps see it: plain JSON. */
export const plain = (value: Alert | Event | Incident): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Whether the signature of a web hook, `sha256=<hexadecimal>`, is of this body. */
export function signed(secret: string, body: Uint8Array, signature: string | undefined): boolean {
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(signature ?? "");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
