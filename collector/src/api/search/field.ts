import { placeOf } from "@vedette/core/batch";
import { nearest } from "@vedette/core/config";
import { eventFields, type FieldKind } from "@vedette/sdk";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import { quoted } from "./bind.ts";

/** How values of a field compare: paths below `log` hold whatever the source wrote. */
export type ValueKind = Exclude<FieldKind, "json"> | "dynamic";

/** A field that a request named, checked against the schema, with its SQL. */
export interface FieldRef {
  readonly path: string;
  readonly kind: ValueKind;
  /** The value in its own type; for paths in a JSON column, as text. Absent values are empty or zero. */
  readonly sql: string;
}

const shortNames: Readonly<Record<string, string>> = {
  time: "@timestamp",
  timestamp: "@timestamp",
  type: "dataType",
};
const jsonSegment = /^[\p{L}\p{N}_$#/][\p{L}\p{N}_$#/ -]{0,127}$/u;
const known: readonly string[] = eventFields
  .filter((field) => field.kind !== "json")
  .map((field) => field.path);

/** Finds the field of a path. Throws a problem that names the parameter, the place and the nearest known field. */
export function fieldOf(path: string, parameter: string, at?: number): FieldRef {
  const where = at === undefined ? {} : { at };
  const name = shortNames[path] ?? path;
  if (name.length > limits.pathLength)
    throw badParameter(parameter, `A field path is longer than ${limits.pathLength} characters.`, where);
  const place = placeOf(name);
  if (place?.kind === "column" && place.field.kind !== "json")
    return { path: name, kind: place.field.kind, sql: quoted(place.name) };
  if (place?.kind === "json") {
    const segments = place.path.split(".");
    const bad = segments.find((segment) => !jsonSegment.test(segment));
    if (bad !== undefined)
      throw badParameter(parameter, `The path "${name}" has a part that cannot be searched: "${bad}".`, {
        ...where,
        cure: "Use letters, digits, spaces and _ $ # / - in each part, with a dot between parts.",
      });
    const column = [place.column, ...segments.map(quoted)].join(".");
    return { path: name, kind: "dynamic", sql: `ifNull(${column}::Nullable(String), '')` };
  }
  if (name === "log")
    throw badParameter(parameter, 'The field "log" holds many values.', {
      ...where,
      cure: "Name one of them, such as log.method.",
    });
  throw unknownField(name, parameter, where);
}

function unknownField(name: string, parameter: string, where: { at?: number }) {
  const suggestion = suggestField(name);
  return badParameter(parameter, `There is no field "${name.slice(0, 80)}".`, {
    ...where,
    ...(suggestion === undefined ? {} : { suggestion }),
    cure:
      suggestion === undefined
        ? "GET /api/v1/events/fields lists the fields; put the words in quotes to search for them as text."
        : `Did you mean "${suggestion}"? Put the words in quotes to search for them as text.`,
  });
}

/** The known field nearest to a misspelt one; `ip` and the like mean the origin's. */
function suggestField(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const near = nearest(name, known);
  if (near !== undefined) return near;
  return known.find((path) => path.toLowerCase().endsWith(`.${last}`));
}
