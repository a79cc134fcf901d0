import type { Place } from "../findings.ts";
import {
  type ComponentKind,
  type IconComponents,
  type IconField,
  type IconFields,
  type IconSpec,
  sectionOf,
} from "../spec/model.ts";
import type { IconType } from "../spec/types.ts";

/** A difference between two versions of a spec, with its place in the new one. */
export interface Change {
  /** What users of the plugin notice: `major` breaks them. */
  readonly size: "major" | "minor";
  readonly path: string;
  readonly place: Place;
  /** What has changed, a clause without a full stop. */
  readonly what: string;
  readonly ofConnection?: true;
}

type Side = "input" | "output" | "type" | "connection";

/** Every difference between two versions that asks for a newer one. */
export function changesBetween(old: IconSpec, now: IconSpec): Change[] {
  const changes: Change[] = [];
  const top = now.source.place;
  if (old.title !== now.title && old.title !== "")
    changes.push({
      size: "major",
      path: "title",
      place: now.source.entries.get("title")?.value.place ?? top,
      what: "the title has changed",
    });
  for (const kind of ["action", "trigger", "task"] as const)
    changes.push(...components(kind, old[sectionOf(kind)], now[sectionOf(kind)], top));
  changes.push(...connection(old, now, top));
  for (const [name, fields] of old.types) {
    const same = now.types.get(name);
    const path = `types.${name}`;
    if (same) changes.push(...fieldsBetween(fields, same, "type", path, top));
    else changes.push({ size: "major", path, place: top, what: `the type ${name} is gone` });
  }
  return changes;
}

function components(kind: ComponentKind, old: IconComponents, now: IconComponents, top: Place): Change[] {
  const changes: Change[] = [];
  for (const [id, before] of old) {
    const after = now.get(id);
    const path = before.path;
    if (!after) {
      changes.push({ size: "major", path, place: top, what: `the ${kind} ${id} is gone` });
      continue;
    }
    const { place } = after;
    if (before.title !== after.title)
      changes.push({ size: "major", path, place, what: "its title has changed" });
    for (const part of ["input", "output"] as const) {
      const [had, has] = [before[part].size > 0, after[part].size > 0];
      if (had !== has) {
        const breaks = had || part === "output" || [...after.input.values()].some(({ required }) => required);
        const what = `its ${part} ${has ? "is new" : "is gone"}`;
        changes.push({ size: breaks ? "major" : "minor", path: `${path}.${part}`, place, what });
      } else changes.push(...fieldsBetween(before[part], after[part], part, `${path}.${part}`, place));
    }
  }
  for (const [id, { path, place }] of now)
    if (!old.has(id)) changes.push({ size: "minor", path, place, what: `the ${kind} ${id} is new` });
  return changes;
}

function connection(old: IconSpec, now: IconSpec, top: Place): Change[] {
  const place = now.source.entries.get("connection")?.place ?? top;
  if ((old.connection === undefined) !== (now.connection === undefined)) {
    const what = now.connection ? "the connection is new" : "the connection is gone";
    return [{ size: "major", path: "connection", place, what, ofConnection: true }];
  }
  const none: IconFields = new Map();
  const changes = fieldsBetween(
    old.connection ?? none,
    now.connection ?? none,
    "connection",
    "connection",
    place,
  );
  return changes.map((change) => ({ ...change, ofConnection: true }));
}

function fieldsBetween(old: IconFields, now: IconFields, side: Side, path: string, place: Place): Change[] {
  const changes: Change[] = [];
  for (const [name, before] of old) {
    const after = now.get(name);
    if (after) changes.push(...fieldBetween(before, after, side));
    else changes.push({ size: "major", path: `${path}.${name}`, place, what: `the field ${name} is gone` });
  }
  for (const [name, field] of now) {
    if (old.has(name)) continue;
    const breaks = field.required && (side === "input" || side === "connection");
    const what = `the ${breaks ? "required " : ""}field ${name} is new`;
    changes.push({ size: breaks ? "major" : "minor", path: field.path, place: field.place, what });
  }
  return changes;
}

function fieldBetween(before: IconField, after: IconField, side: Side): Change[] {
  const at = { path: after.path, place: after.place, size: "major" as const };
  const changes: Change[] = [];
  if (typeText(before.type) !== typeText(after.type))
    changes.push({ ...at, what: `its type was ${typeText(before.type)} and is ${typeText(after.type)}` });
  if (before.title !== after.title) changes.push({ ...at, what: "its title has changed" });
  if (!before.required && after.required && (side === "input" || side === "connection"))
    changes.push({ ...at, what: "it has become required" });
  if (before.required && !after.required && side === "output")
    changes.push({ ...at, what: "it is no longer certain to be there" });
  return changes;
}

const typeText = (type: IconType): string =>
  type.kind === "list" ? `[]${typeText(type.of)}` : type.name || "none";
