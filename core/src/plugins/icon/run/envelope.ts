import type { ComponentKind } from "../spec/model.ts";
import { hostError } from "./failure.ts";

/** A map of JSON values. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** What a plugin is told to do: the `v1` start message, without its wrapping. */
export interface StepStart {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly input: JsonMap;
  readonly connection: JsonMap;
  /** Travels through and comes back. */
  readonly meta?: JsonMap;
  /** Of a trigger: where events go. */
  readonly dispatcher?: { readonly url: string; readonly webhook_url: string };
  /** Of a task: the cursor of the run before. */
  readonly state?: JsonMap;
  /** Of a task. */
  readonly customConfig?: JsonMap;
}

/** What a plugin says of a step: the `v1` event message, without its wrapping. */
export interface StepEvent {
  readonly kind: ComponentKind;
  readonly ok: boolean;
  readonly log: string;
  readonly output: unknown;
  readonly meta: JsonMap;
  readonly error: unknown;
  readonly exception: unknown;
  /** Of a task: the new cursor, also of a run that failed. */
  readonly state: JsonMap | undefined;
  readonly hasMorePages: boolean;
  readonly statusCode: number | undefined;
}

const kinds: readonly ComponentKind[] = ["action", "trigger", "task"];

/** Characters of a step's log that are kept. */
const maxLog = 64 * 1_024;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The message as it goes to the plugin. */
export function startMessage(start: StepStart): JsonMap {
  const { kind, id, input, connection, meta = {}, dispatcher, state, customConfig } = start;
  return {
    version: "v1",
    type: `${kind}_start`,
    body: {
      [kind]: id,
      meta,
      input,
      connection,
      ...(kind === "trigger" ? { dispatcher: dispatcher ?? { url: "", webhook_url: "" } } : {}),
      ...(kind === "task" ? { state: state ?? {}, custom_config: customConfig ?? {} } : {}),
    },
  };
}

/** The message as it came from whoever wants a step. Throws `plugin.bad_input` with a sentence on what is wrong. */
export function readStart(message: unknown): StepStart {
  const refuse = (why: string): never => {
    throw hostError("plugin.bad_input", `The message is no start message: ${why}.`);
  };
  if (!isMap(message)) return refuse("it is not a map");
  const { version, type, body } = message;
  if (version !== "v1") return refuse('"version" is not v1');
  const kind = kinds.find((each) => type === `${each}_start`);
  if (!kind) return refuse('"type" is not action_start, trigger_start or task_start');
  if (!isMap(body)) return refuse('"body" is missing');
  const id = body[kind];
  if (typeof id !== "string") return refuse(`"${kind}" is not text`);
  const map = (key: string): JsonMap => (isMap(body[key]) ? body[key] : {});
  const { url, webhook_url: webhook } = map("dispatcher");
  return {
    kind,
    id,
    meta: map("meta"),
    input: isMap(body["input"])
      ? body["input"]
      : body["input"] === undefined
        ? {}
        : refuse('"input" is not a map'),
    connection: map("connection"),
    dispatcher: { url: String(url ?? ""), webhook_url: String(webhook ?? "") },
    state: map("state"),
    customConfig: map("custom_config"),
  };
}

/** The message as it goes back. */
export function eventMessage(event: Partial<StepEvent> & Pick<StepEvent, "kind" | "ok">): JsonMap {
  const {
    kind,
    ok,
    log = "",
    output = {},
    meta = {},
    error,
    exception,
    state,
    hasMorePages,
    statusCode,
  } = event;
  return {
    version: "v1",
    type: `${kind}_event`,
    body: {
      status: ok ? "ok" : "error",
      meta,
      log,
      ...(ok ? { output } : { error, ...(exception === undefined ? {} : { exception }) }),
      ...(state === undefined ? {} : { state }),
      ...(kind === "task"
        ? { has_more_pages: hasMorePages ?? false, status_code: statusCode ?? (ok ? 200 : 500) }
        : {}),
    },
  };
}

/** What a plugin wrote or answered. Throws `plugin.bad_output` where that is no event of this kind. */
export function readEvent(message: unknown, kind: ComponentKind): StepEvent {
  const body = isMap(message) ? message["body"] : undefined;
  const type = isMap(message) ? message["type"] : undefined;
  if (!isMap(body) || (type !== undefined && type !== `${kind}_event`))
    throw hostError(
      "plugin.bad_output",
      `The plugin did not answer with a message of the type ${kind}_event.`,
    );
  const { log, output, meta, error, exception, state } = body;
  // The vendor's runtime sends events of triggers without a status.
  const status = kind === "trigger" ? (body["status"] ?? "ok") : body["status"];
  if (status !== "ok" && status !== "error")
    throw hostError("plugin.bad_output", 'The plugin\'s answer has neither the status "ok" nor "error".');
  const code = Number(body["status_code"]);
  return {
    kind,
    ok: status === "ok",
    log: typeof log === "string" ? log.slice(-maxLog) : "",
    output,
    meta: isMap(meta) ? meta : {},
    error,
    exception,
    state: isMap(state) ? state : undefined,
    hasMorePages: body["has_more_pages"] === true,
    statusCode: Number.isInteger(code) && code > 0 ? code : undefined,
  };
}

/**
 * The event among what a plugin wrote to stdout: all of it, or its last line that is one, because plugins print other
 * things too. Throws `plugin.bad_output`.
 */
export function eventOfText(text: string, kind: ComponentKind): StepEvent {
  const candidates = [text, ...text.split("\n").reverse().slice(0, 100)];
  for (const candidate of candidates) {
    if (!candidate.trimStart().startsWith("{")) continue;
    let json: unknown;
    try {
      json = JSON.parse(candidate);
    } catch {
      continue;
    }
    if (isMap(json) && isMap(json["body"])) return readEvent(json, kind);
  }
  throw hostError("plugin.bad_output", "The plugin wrote no answer to its stdout.");
}
