import { valueSeparator } from "@vedette/collector";
import { type Event, eventFields } from "@vedette/sdk";

const roots: ReadonlySet<string> = new Set(eventFields.map(({ path }) => path.split(".")[0]!));

/** An event that is tried against rules: one of ours, or any JSON object, whose keys are then read under `log.` too. */
export interface TriedEvent {
  readonly event: Event;
  /** No pipeline of ours made it: it names no `dataType`. */
  readonly plain: boolean;
}

/** What every event has: made up where one that is tried says nothing of it. */
const facts = () => ({ id: "tried", "@timestamp": "1970-01-01T00:00:00.000Z" });

/** Reads an event from JSON. Throws an error with a sentence where it is none. */
export function readEvent(text: string, dataType: string | undefined): TriedEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error("it is not JSON", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("it is no JSON object");
  const given = value as Record<string, unknown>;
  if (typeof given.dataType === "string" && given.dataType !== "")
    return { event: { ...facts(), ...given } as Event, plain: false };
  const own = Object.fromEntries(
    Object.entries(given).filter(([key, each]) => roots.has(key) && fits(key, each)),
  );
  const log = typeof given.log === "object" && given.log !== null ? given.log : {};
  const event = {
    ...facts(),
    ...own,
    dataType: dataType ?? "plain",
    log: { ...given, ...log },
    raw: typeof given.raw === "string" ? given.raw : [...textsOf(given)].join(valueSeparator),
  };
  return { event: event as Event, plain: true };
}

/** Only what the schema has under this name may stand there; `log.` holds it in any case. */
function fits(key: string, value: unknown): boolean {
  const field = eventFields.find(({ path }) => path === key);
  if (!field) return typeof value === "object" && value !== null && !Array.isArray(value);
  return field.kind === "text" && typeof value === "string";
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "number" || typeof value === "boolean") yield String(value);
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) yield* textsOf(each);
}
