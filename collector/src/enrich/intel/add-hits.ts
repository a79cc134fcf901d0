import { type Batch, type Codes, textColumn } from "@vedette/core/batch";
import type { Event } from "@vedette/sdk";
import type { Intel } from "./intel.ts";

/** Names of the lists that hold a value of the event, in order of the alphabet, with a comma between two. */
export const listsField = "log.intel.lists";
/** The fields whose values they hold, as in the configuration, with a comma between two. */
export const fieldsField = "log.intel.fields";

/** What was found, by row. */
interface Hits {
  /** For each row a place in `sets`. */
  readonly rows: Uint32Array;
  readonly sets: readonly { readonly lists: readonly string[]; readonly fields: readonly string[] }[];
}

/**
 * Adds which lists hold values of the events, each value looked for once. A batch without any is given back as it is, and
 * so is one whose producer wrote these fields itself.
 */
export function addHits(batch: Batch, intel: Intel): Batch {
  if (intel.names.length === 0 || batch.columns.has(listsField)) return batch;
  const hits = hitsOf(batch, intel);
  if (!hits) return batch;
  const column = (path: string, text: (set: Hits["sets"][number]) => string) =>
    textColumn(path, codesOf(hits, text));
  return batch.with([
    column(listsField, ({ lists }) => lists.join(",")),
    column(fieldsField, ({ fields }) => fields.join(",")),
  ]);
}

/** The same for one event, in place. */
export function addHitsToEvent(event: Event, intel: Intel): void {
  const lists = new Set<string>();
  const fields: string[] = [];
  for (const path of intel.fields) {
    const value = path
      .split(".")
      .reduce<unknown>(
        (node, key) =>
          typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined,
        event,
      );
    const found = typeof value === "string" ? intel.find(value) : [];
    if (found.length === 0) continue;
    fields.push(path);
    for (const name of found) lists.add(name);
  }
  if (fields.length === 0) return;
  event.log ??= {};
  event.log.intel ??= { lists: [...lists].sort().join(","), fields: fields.join(",") };
}

function hitsOf(batch: Batch, intel: Intel): Hits | undefined {
  const rows = new Uint32Array(batch.rows);
  const sets: { lists: readonly string[]; fields: readonly string[] }[] = [{ lists: [], fields: [] }];
  const known = new Map<string, number>();
  for (const path of intel.fields) {
    const column = batch.columns.get(path);
    if (column?.kind !== "text") continue;
    const { bytes, bounds, count, index } = column.texts();
    const found: (readonly string[])[] = [];
    let any = false;
    for (let value = 0; value < count; value++) {
      const [from, to] = [bounds[value * 2]!, bounds[value * 2 + 1]!];
      const lists = from === to ? none : intel.find(bytes.toString("utf8", from, to));
      any ||= lists.length > 0;
      found.push(lists);
    }
    if (!any) continue;
    // What a row has so far and what this field adds decide together; both are few.
    const next = new Map<number, number>();
    for (let row = 0; row < batch.rows; row++) {
      const value = index ? index[row]! : row;
      const lists = found[value]!;
      if (lists.length === 0) continue;
      const step = rows[row]! * count + value;
      const reached = next.get(step);
      if (reached !== undefined) {
        rows[row] = reached;
        continue;
      }
      const before = sets[rows[row]!]!;
      const set = {
        lists: [...new Set([...before.lists, ...lists])].sort(),
        fields: [...before.fields, path],
      };
      const key = JSON.stringify(set);
      let place = known.get(key);
      if (place === undefined) {
        place = sets.push(set) - 1;
        known.set(key, place);
      }
      next.set(step, place);
      rows[row] = place;
    }
  }
  return sets.length > 1 ? { rows, sets } : undefined;
}

const none: readonly string[] = [];

function codesOf({ rows, sets }: Hits, text: (set: Hits["sets"][number]) => string): Codes {
  const keys = [""];
  const codes = new Map([["", 0]]);
  const codeOf = sets.map((set) => {
    const key = text(set);
    let code = codes.get(key);
    if (code === undefined) {
      code = keys.push(key) - 1;
      codes.set(key, code);
    }
    return code;
  });
  return { keys, index: rows.map((place) => codeOf[place]!) };
}
