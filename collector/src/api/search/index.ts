export { Binder, type ParamValue, quoted } from "./bind.ts";
export type { Condition } from "./condition.ts";
export { type Cursor, readCursor, searchHash, writeCursor } from "./cursor.ts";
export { type FieldRef, fieldOf } from "./field.ts";
export { readFilter } from "./filter.ts";
export { matcherOf } from "./match.ts";
export { readTextQuery } from "./text-query.ts";
export { type Range, readRange, readTime } from "./time.ts";
export { moment, rangeSql, whereOf } from "./where.ts";
