import type { Parts } from "./compile-parts.ts";
import type { StepBody, Target } from "./model.ts";
import type { DocPath } from "./places.ts";
import type { DecisionDoc, LoopDoc, ParallelDoc, StepDoc } from "./step-schema.ts";

const second = 1_000;
const dayMs = 86_400 * second;

/** Steps that hold other steps are compiled by the walk itself. */
type FlatDoc = Exclude<StepDoc, DecisionDoc | LoopDoc | ParallelDoc>;

/** What a step without steps of its own does. `target` resolves the name of a step; no name is what follows. */
export function flatBody(
  doc: FlatDoc,
  at: DocPath,
  parts: Parts,
  target: (name: string | undefined, at: DocPath) => Target,
): StepBody {
  const condition = (text: string) => parts.condition(text, doc.id, [...at, "if"]);
  const input = (value: unknown, key: string) => parts.input(value, doc.id, [...at, key]);
  switch (doc.type) {
    case "action": {
      const { retry, timeoutSeconds = 120, windowSeconds } = doc;
      return {
        kind: "action",
        action: doc.action,
        connection: doc.connection,
        input: input(doc.input ?? {}, "input"),
        target: doc.target === undefined ? undefined : input(doc.target, "target"),
        windowMs: windowSeconds === undefined ? undefined : windowSeconds * second,
        idempotent: doc.idempotent,
        timeoutMs: timeoutSeconds * second,
        retry: retry && {
          attempts: retry.attempts,
          backoffMs: retry.backoffSeconds * second,
          maxBackoffMs: retry.maxBackoffSeconds * second,
        },
      };
    }
    case "artifact":
      return { kind: "artifact", content: input(doc.content, "content") };
    case "humanDecision": {
      const { onTimeout: silent, timeoutSeconds } = doc;
      const options = doc.options.map(({ answer, next, confirmation }, index) => ({
        name: answer,
        target: target(next, [...at, "options", index, "next"]),
        confirmation,
      }));
      const meant = options.find(({ name }) => name === silent?.answer);
      return {
        kind: "ask",
        question: input(doc.question, "question"),
        options,
        timeoutMs: timeoutSeconds === undefined ? dayMs : timeoutSeconds * second,
        silence: silent && {
          answer: silent.answer,
          target:
            silent.next === undefined && meant
              ? meant.target
              : target(silent.next, [...at, "onTimeout", "next"]),
        },
        approval: false,
        notify: doc.notify ?? [],
        chat: doc.chat && input(doc.chat, "chat"),
      };
    }
    case "approval": {
      const denied = doc.denied === undefined ? undefined : target(doc.denied, [...at, "denied"]);
      const timeoutMs = doc.timeoutSeconds === undefined ? dayMs : doc.timeoutSeconds * second;
      return {
        kind: "ask",
        question: input(doc.question, "question"),
        options: [
          { name: "approve", target: target(undefined, at), confirmation: undefined },
          { name: "deny", target: denied, confirmation: undefined },
        ],
        timeoutMs,
        silence: { answer: "deny", target: denied },
        approval: true,
        notify: doc.notify ?? [],
        chat: undefined,
      };
    }
    case "break":
      return { kind: "break", condition: condition(doc.if) };
    case "filter":
      return { kind: "filter", condition: condition(doc.if), stopOnMatch: doc.stopOnMatch ?? false };
    case "join":
      return {
        kind: "join",
        variables: (doc.variables ?? []).map((variable, index) => {
          const of = (value: unknown, ...rest: PropertyKey[]) =>
            parts.input(value, doc.id, [...at, "variables", index, ...rest]);
          return {
            name: variable.name,
            values: variable.values.map(({ from, value }, place) => ({
              from,
              value: of(value, "values", place, "value"),
            })),
            otherwise: variable.default === undefined ? undefined : of(variable.default, "default"),
          };
        }),
      };
    case "patternMatch": {
      const { pattern, ignoreCase = false, captureAll = false } = doc;
      return {
        kind: "patternMatch",
        text: input(doc.text, "text"),
        pattern: parts.pattern(pattern, { ignoreCase, captureAll }, [...at, "pattern"]),
      };
    }
    case "lookupGlobalArtifact":
      return { kind: "lookup", artifact: doc.artifact, condition: condition(doc.if), most: doc.most ?? 100 };
    case "appendGlobalArtifact":
      return { kind: "append", artifact: doc.artifact, row: input(doc.row, "row") };
    case "workflow":
      return { kind: "workflow", workflow: doc.workflow, input: input(doc.input ?? {}, "input") };
    case "set":
      return { kind: "set", values: input(doc.values, "values") };
    case "sleep":
      return { kind: "sleep", seconds: input(doc.seconds, "seconds") };
  }
}
