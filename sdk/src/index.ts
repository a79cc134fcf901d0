export * from "./errors.ts";
export * from "./plugin.ts";
export * from "./schema/alert.ts";
export * from "./schema/event.ts";
export { type Field, type FieldKind, type FieldMeta, fieldsOf } from "./schema/fields.ts";
