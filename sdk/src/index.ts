export * from "./deps.ts";
export * from "./errors.ts";
export { eventId, firstOffset, idPrefix } from "./event-id.ts";
export * from "./input.ts";
export * from "./plugin.ts";
export * from "./schema/alert.ts";
export * from "./schema/event.ts";
export { type Field, type FieldKind, type FieldMeta, fieldsOf } from "./schema/fields.ts";
