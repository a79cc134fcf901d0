import { create, toBinary } from "@bufbuild/protobuf";
import { DynamicSchema, ParseLogsRequestSchema, StepSchema } from "@vedette/proto/plugins";
import type { DynamicAnswer, DynamicCall, JsonObject, SentDraft } from "../../pipeline/index.ts";
import { valuesOf } from "./values.ts";
import { readFields, sliceText, WireWriter } from "./wire.ts";

/** Numbers of `plugins.Transform` and `plugins.Draft`. Errors were 5 in versions of the SDK before v1.1.0, a list as now. */
const transform = { draft: 1, step: 2 } as const;
const draft = { log: 1, errors: 4, oldErrors: 5 } as const;
const request = { logs: 3 } as const;
const response = { logs: 1 } as const;
const parsed = { log: 1, error: 2 } as const;

/** Most errors that are taken of one answer. */
const maxErrors = 64;
const maxErrorLength = 2_000;

/** What a step says, as bytes: the same for all of its calls. */
export interface StepBytes {
  readonly step: Uint8Array;
  /** The beginning of a request for many. */
  readonly request: Uint8Array;
}

export function stepBytes({ plugin, params }: DynamicCall): StepBytes {
  const values = valuesOf((params ?? {}) as Record<string, unknown>);
  const dynamic = create(DynamicSchema, { plugin, params: values });
  return {
    step: toBinary(StepSchema, create(StepSchema, { dynamic })),
    request: toBinary(ParseLogsRequestSchema, create(ParseLogsRequestSchema, { plugin, params: values })),
  };
}

/** A request for one log. */
export function encodeTransform(json: string, errors: readonly string[], { step }: StepBytes): Buffer {
  const inner = new WireWriter(json.length + 64).text(draft.log, json);
  for (const error of errors) inner.text(draft.errors, error);
  return new WireWriter(inner.length + step.length + 32)
    .bytes(transform.draft, inner.done())
    .bytes(transform.step, step)
    .done();
}

/** A request for many logs. */
export function encodeLogs(jsons: readonly string[], { request: head }: StepBytes): Buffer {
  const writer = new WireWriter(head.length + jsons.reduce((sum, json) => sum + json.length + 16, 64)).raw(
    head,
  );
  for (const json of jsons) writer.text(request.logs, json);
  return writer.done();
}

/** What a plugin answered for one log. Throws an Error with a sentence where it cannot be used. */
export function decodeDraft(bytes: Buffer, sent: readonly string[]): DynamicAnswer {
  let log = "";
  const errors: string[] = [];
  readFields(bytes, (field, from, to) => {
    if (field === draft.log) log = bytes.toString("utf8", from, to);
    else if ((field === draft.errors || field === draft.oldErrors) && errors.length < maxErrors)
      errors.push(bytes.toString("utf8", from, Math.min(to, from + maxErrorLength)));
  });
  // A plugin gives back what it got, and adds to it. One of the older kind leaves ours where they were.
  const known = new Set(sent);
  return { root: objectOf(log), errors: errors.filter((error) => !known.has(error)) };
}

/** What a plugin answered for many logs: for each the draft, or why there is none. */
export function decodeLogs(bytes: Buffer, drafts: readonly SentDraft[]): (DynamicAnswer | Error)[] {
  const answers: (DynamicAnswer | Error)[] = [];
  readFields(bytes, (field, from, to) => {
    if (field !== response.logs) return;
    if (answers.length === drafts.length) throw new RangeError("It has more logs than were asked for.");
    answers.push(decodeParsed(bytes, from, to, drafts[answers.length]!.root));
  });
  if (answers.length < drafts.length)
    throw new RangeError(`It has ${answers.length} logs, and ${drafts.length} were asked for.`);
  return answers;
}

function decodeParsed(bytes: Buffer, start: number, end: number, root: JsonObject): DynamicAnswer | Error {
  let log = "";
  let error = "";
  readFields(
    bytes,
    (field, from, to) => {
      if (field === parsed.log) log = sliceText(bytes, from, to);
      else if (field === parsed.error)
        error = bytes.toString("utf8", from, Math.min(to, from + maxErrorLength));
    },
    start,
    end,
  );
  if (error !== "") return new Error(error);
  if (log === "") return { root, errors: [] };
  try {
    return { root: objectOf(log), errors: [] };
  } catch (thrown) {
    return thrown as Error;
  }
}

function objectOf(json: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Error(json === "" ? "It has no log." : "Its log is no JSON.", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("Its log is no JSON object.");
  return value as JsonObject;
}
