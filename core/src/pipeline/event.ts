import type { Event, Log } from "@vedette/sdk";
import { boundLog } from "./bound-log.ts";
import { coerce, isEmpty, severityOf, unfit } from "./coerce.ts";
import { addError, type Draft } from "./draft.ts";
import { eventTree, type SchemaNode } from "./event-tree.ts";
import { type JsonObject, readKey, setPath, textOf } from "./paths/index.ts";

/** Counts what could not stay where a step put it. */
export interface ConversionCounters {
  /** Fields that the schema does not have; kept under `log.` */
  unknown: number;
  /** Values that their field cannot hold; kept under `log.` with an entry in `errors`. */
  unfit: number;
  /** Drafts with more fields or deeper values than an event holds. */
  bounded: number;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Written from the log and the tenants, whatever steps did; what a step wrote there is kept under `log.` */
const asserted = new Set(["id", "dataType", "tenantId", "tenantName"]);
/** Taken care of apart. */
const apart = new Set(["@timestamp", "raw", "log", "errors"]);

/** A value that cannot stay where a step put it; `kind` is what it should have been, undefined where nothing has its name. */
interface Kept {
  readonly name: string;
  readonly path: readonly string[];
  readonly value: unknown;
  readonly kind: string | undefined;
}

class Conversion {
  readonly errors: string[];
  readonly #counters: ConversionCounters;
  #log: JsonObject | undefined;
  #kept: Kept[] | undefined;

  constructor(draft: Draft, counters: ConversionCounters) {
    this.errors = draft.errors;
    this.#counters = counters;
    const log = draft.root.log;
    if (isObject(log)) this.#log = log;
    else if (log !== undefined && log !== null && log !== "") this.#log = { log };
  }

  get log(): JsonObject | undefined {
    return this.#log;
  }

  /** Puts what was kept in its place, in the order of names, so that the order in which steps wrote says nothing. */
  settle(): void {
    if (!this.#kept) return;
    for (const { name, path, value, kind } of this.#kept.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (kind !== undefined)
        addError(this.errors, `The value of "${name}" is no ${kind}; it was kept as "log.${name}".`);
      this.#keep(path, value);
    }
  }

  /** Keeps a value under `log.`; where that place is taken, under `log.unmapped.`. */
  #keep(path: readonly string[], value: unknown): void {
    this.#log ??= {};
    let taken: unknown = this.#log;
    for (const key of path) taken = readKey(taken, key);
    try {
      setPath(this.#log, taken === undefined || taken === value ? path : ["unmapped", ...path], value);
    } catch {
      // A list stands where the path needs an object.
      this.#log[`unmapped_${path.join("_")}`] = value;
    }
  }

  refuse(path: readonly string[], value: unknown, kind: string): void {
    this.#counters.unfit++;
    this.#later(path, value, kind);
  }

  /** Keeps what the schema does not know. */
  unknown(path: readonly string[], value: unknown): void {
    this.#counters.unknown++;
    this.#later(path, value, undefined);
  }

  #later(path: readonly string[], value: unknown, kind: string | undefined): void {
    this.#kept ??= [];
    this.#kept.push({ name: path.join("."), path, value, kind });
  }

  object(value: unknown, { path, children }: SchemaNode): JsonObject | undefined {
    if (!isObject(value)) {
      if (value !== null && value !== undefined && value !== "") this.refuse(path, value, "object");
      return undefined;
    }
    let made: JsonObject | undefined;
    for (const key in value) {
      const item = value[key];
      if (item === undefined) continue;
      const node = children.get(key);
      if (node === undefined) {
        this.unknown([...path, key], item);
        continue;
      }
      const result = this.value(item, node);
      if (result !== undefined) {
        made ??= {};
        made[key] = result;
      }
    }
    return made;
  }

  value(item: unknown, node: SchemaNode): unknown {
    if (node.kind === undefined) return this.object(item, node);
    const result = coerce(node.kind, item);
    if (result !== unfit) return result;
    this.refuse(node.path, item, node.kind);
    return undefined;
  }
}

/**
 * Makes a schema-checked event of a draft. Nothing that steps found is lost: what the schema does not know or cannot
 * hold is kept under `log.` and counted. The draft must not be used afterwards.
 */
export function toEvent(
  draft: Draft,
  log: Log,
  tenantName: string | undefined,
  counters: ConversionCounters,
): Event {
  const { root } = draft;
  const conversion = new Conversion(draft, counters);
  const event: JsonObject = {
    id: log.id,
    "@timestamp": log["@timestamp"],
    deviceTime: log["@timestamp"],
    dataType: log.dataType,
    dataSource: log.dataSource,
  };
  if (log.tenantId) event.tenantId = log.tenantId;
  if (tenantName) event.tenantName = tenantName;
  for (const key in root) {
    if (apart.has(key)) continue;
    const item = root[key];
    // What steps have emptied again is nothing.
    if (item === undefined || (isObject(item) && isEmpty(item))) continue;
    if (asserted.has(key)) {
      if (item !== event[key]) conversion.unknown([key], item);
      continue;
    }
    const node = eventTree.get(key);
    if (!node) conversion.unknown([key], item);
    else if (key === "severity" && item !== null && item !== "") {
      const severity = severityOf(textOf(item));
      if (severity === undefined) conversion.refuse([key], item, "severity");
      else event[key] = severity;
    } else {
      const result = conversion.value(item, node);
      if (result !== undefined) event[key] = result;
    }
  }
  conversion.settle();
  const told = isObject(root.errors) && isEmpty(root.errors) ? undefined : root.errors;
  if (Array.isArray(told)) for (const item of told) addError(draft.errors, textOf(item));
  else if (told !== undefined && told !== null && told !== "") addError(draft.errors, textOf(told));
  const fields = conversion.log && boundLog(conversion.log, draft.errors, counters);
  if (fields) event.log = fields;
  if (draft.errors.length > 0) event.errors = draft.errors;
  if (log.raw !== "") event.raw = log.raw;
  return event as Event;
}
