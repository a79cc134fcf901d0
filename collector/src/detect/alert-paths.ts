import { didYouMean } from "@vedette/core/config";
import { alertFields, eventFields } from "@vedette/sdk";

const sides = eventFields.filter(({ path }) => path.startsWith("origin.")).map(({ path }) => path.slice(7));

/** Fields of an alert that say nothing about what it is about. */
const own: ReadonlySet<string> = new Set(
  "id @timestamp lastUpdate status parentId errors groupBy deduplicateBy references description tags tactics techniques entities risk hidden hiddenBy".split(
    " ",
  ),
);
const known: ReadonlySet<string> = new Set([
  ...alertFields.map(({ path }) => path).filter((path) => !own.has(path)),
  ...["adversary", "target"].flatMap((side) => sides.map((path) => `${side}.${path}`)),
  ...eventFields.map(({ path }) => `lastEvent.${path}`),
]);
const open = ["lastEvent.log.", "lastEvent.compliance."];

/** What is wrong with an alert path of `groupBy` or `deduplicateBy`; undefined when it can have a value. */
export function alertPathFault(path: string): { message: string; suggestion?: string } | undefined {
  if (known.has(path) || open.some((prefix) => path.startsWith(prefix))) return undefined;
  const [first = "", ...rest] = path.split(".");
  const message = `An alert has no "${path}".`;
  if (first === "origin" || first === "log" || known.has(`lastEvent.${path}`)) {
    const side = first === "origin" ? `adversary.${rest.join(".")}` : `lastEvent.${path}`;
    return { message, suggestion: `These are paths of the alert: did you mean "${side}"?` };
  }
  const meant = didYouMean(path, known);
  return meant ? { message, suggestion: meant } : { message };
}

const eventPaths: ReadonlySet<string> = new Set(eventFields.map(({ path }) => path));
const parents: ReadonlySet<string> = new Set(
  [...eventPaths].flatMap((path) =>
    path.split(".").flatMap((_, i, parts) => (i > 0 ? [parts.slice(0, i).join(".")] : [])),
  ),
);
const freeForm = /^(log|compliance|errors|(origin|target)\.disks)([.[]|$)/;

/** A hint where an event can never have this path; undefined where it can. */
export function eventPathHint(path: string): string | undefined {
  if (eventPaths.has(path) || parents.has(path) || freeForm.test(path)) return undefined;
  return (
    didYouMean(path, eventPaths) ?? `Fields of the source's own are under "log.", such as "log.${path}".`
  );
}
