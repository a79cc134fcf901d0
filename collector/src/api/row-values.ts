import type { FieldKind } from "@vedette/sdk";

/** A column's value as the event has it; undefined for a zero value, which is never written. */
export function fieldValue(kind: FieldKind, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (kind) {
    case "text":
      return value === "" ? undefined : String(value);
    case "time":
      return timeOf(value);
    case "u32":
    case "f64":
      return Number(value) === 0 ? undefined : Number(value);
    case "u64":
      return String(value) === "0" ? undefined : String(value);
    case "texts":
      return Array.isArray(value) && value.length > 0 ? value : undefined;
    case "json":
      return jsonOf(value);
  }
}

/** ClickHouse writes `2026-01-31 12:00:00.000` in UTC. 1970 is the column's default: no time. */
export function timeOf(value: unknown): string | undefined {
  const text = String(value);
  const time = Date.parse(text.includes("T") ? text : `${text.replace(" ", "T")}Z`);
  return Number.isNaN(time) || time === 0 ? undefined : new Date(time).toISOString();
}

/** A JSON column, or JSON text, without what is empty. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? undefined : JSON.parse(value);
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  if (!isObject(value)) return undefined;
  const clean = withoutNulls(value);
  return Object.keys(clean).length > 0 ? clean : undefined;
}

/** A JSON column answers null for paths that other rows of the block have. */
function withoutNulls(node: Record<string, unknown>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === null || key === "__proto__") continue;
    if (!isObject(value)) clean[key] = value;
    else {
      const child = withoutNulls(value);
      if (Object.keys(child).length > 0) clean[key] = child;
    }
  }
  return clean;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets a nested value; where a parent is a scalar already, the rest of the path stays one key beside it. */
export function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = target;
  for (const [index, key] of path.entries()) {
    if (index === path.length - 1) {
      node[key] = value;
      return;
    }
    node[key] ??= {};
    const child = node[key];
    if (!isObject(child)) {
      node[path.slice(index).join(".")] = value;
      return;
    }
    node = child;
  }
}
