import { createHmac, timingSafeEqual } from "node:crypto";
import { type Alert, type Event, severities } from "@vedette/sdk";
import type { Value } from "./expression/index.ts";
import type { TriggerDoc, Workflow } from "./workflow/index.ts";

type Of<Type extends TriggerDoc["type"]> = Extract<TriggerDoc, { type: Type }>;

/** A workflow's triggers of one kind. */
export const triggersOf = <Type extends TriggerDoc["type"]>(workflow: Workflow, type: Type): Of<Type>[] =>
  workflow.triggers.filter((each): each is Of<Type> => each.type === type);

/** Whether an alert starts a workflow. Names and ids of rules are compared without regard to case. */
export function startsOn(workflow: Workflow, alert: Alert): boolean {
  return triggersOf(workflow, "alert").some(({ rules, minSeverity }) => {
    const rank = (severity = "") => (severities as readonly string[]).indexOf(severity);
    if (minSeverity !== undefined && rank(alert.severity) < rank(minSeverity)) return false;
    if (!rules) return true;
    const names = [alert.name, alert.ruleId].flatMap((name) =>
      name === undefined ? [] : [name.toLowerCase()],
    );
    return rules.some((pattern) => names.some((name) => fits(pattern.toLowerCase(), name)));
  });
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
export const plain = (value: Alert | Event): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Whether the signature of a web hook, `sha256=<hexadecimal>`, is of this body. */
export function signed(secret: string, body: Uint8Array, signature: string | undefined): boolean {
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(signature ?? "");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
