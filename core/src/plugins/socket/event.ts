import { fromJson, type JsonObject, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import {
  type Alert as AlertMessage,
  AlertSchema,
  EventSchema,
  type Message,
  MessageSchema,
} from "@vedette/proto/plugins";
import { type Alert, alert, type Event } from "@vedette/sdk";

/** Fields of ours that the protocol does not have; plugins find them below `log.vedette`. */
const ours = ["eventType", "agentId", "ingestedAt", "assetId"] as const;
const options = { ignoreUnknownFields: true } as const;

/** An event as plugins read it. */
export const encodeEvent = (event: Event): Uint8Array =>
  toBinary(EventSchema, fromJson(EventSchema, eventJson(event), options));

function eventJson(event: Event): JsonObject {
  const json: Record<string, unknown> = { ...event };
  const vedette: Record<string, unknown> = {};
  for (const key of ours) {
    if (event[key] !== undefined) vedette[key] = event[key];
    delete json[key];
  }
  if (Object.keys(vedette).length > 0) json.log = { ...(event.log as object | undefined), vedette };
  return json as JsonObject;
}

/** An alert as plugins read it. */
export function encodeAlert(given: Alert): Uint8Array {
  const { events, lastEvent, ...head } = given;
  const json: Record<string, unknown> = { ...head };
  if (events) json.events = events.map(eventJson);
  if (lastEvent) json.lastEvent = eventJson(lastEvent);
  return toBinary(AlertSchema, fromJson(AlertSchema, json as JsonValue, options));
}

export const encodeMessage = (message: Omit<Message, "$typeName" | "$unknown">): Uint8Array =>
  toBinary(MessageSchema, { $typeName: "plugins.Message", ...message });

/** The fields of an alert that a plugin sent, checked. Throws an Error with a sentence where they are not an alert's. */
export function alertOf(message: AlertMessage): Alert {
  const checked = alert.safeParse(toJson(AlertSchema, message));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new Error(`"${issue?.path.join(".")}" of its alert is wrong: ${issue?.message}`);
}
