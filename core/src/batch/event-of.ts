import { type Event, eventField } from "@vedette/sdk";
import type { Column } from "./column.ts";

type Source = Pick<Column, "path" | "value">;
type Node = Record<string, unknown>;

/** Makes the events of the rows of some columns, which are in the order of their paths. */
export function eventMaker(columns: Iterable<Source>): (row: number) => Event {
  const list = [...columns];
  return planned(list) ?? ((row) => eventOf(list, row));
}

/** The same where no path leads through the value of another: where each value goes is decided once for all rows. */
function planned(columns: readonly Source[]): ((row: number) => Event) | undefined {
  const paths = new Set(columns.map(({ path }) => path));
  /** Objects within the event, by path, each behind the one that it is in. */
  const inner: { readonly key: string; readonly parent: number }[] = [];
  const numbers = new Map<string, number>();
  const steps: { column: Source; isJson: boolean; key: string; parent: number }[] = [];
  for (const column of columns) {
    const keys = column.path.split(".");
    const key = keys.pop()!;
    let parent = -1;
    let path = "";
    for (const each of keys) {
      path = path === "" ? each : `${path}.${each}`;
      if (paths.has(path)) return undefined;
      let number = numbers.get(path);
      if (number === undefined) {
        number = inner.push({ key: each, parent }) - 1;
        numbers.set(path, number);
      }
      parent = number;
    }
    steps.push({ column, isJson: eventField(column.path)?.kind === "json", key, parent });
  }
  const objects = new Array<Node | undefined>(inner.length);
  return (row) => {
    const event: Node = {};
    objects.fill(undefined);
    const objectOf = (number: number): Node => {
      let object = objects[number];
      if (object) return object;
      object = {};
      objects[number] = object;
      const { key, parent } = inner[number]!;
      (parent < 0 ? event : objectOf(parent))[key] = object;
      return object;
    };
    for (let at = 0; at < steps.length; at++) {
      const { column, isJson, key, parent } = steps[at]!;
      const value = column.value(row);
      if (value === undefined) continue;
      (parent < 0 ? event : (objects[parent] ?? objectOf(parent)))[key] =
        isJson && typeof value === "string" ? JSON.parse(value) : value;
    }
    return event as Event;
  };
}

/** The event of a row over columns in the order of their paths. */
function eventOf(columns: Iterable<Source>, row: number): Event {
  const event: Node = {};
  for (const column of columns) {
    const value = column.value(row);
    if (value !== undefined) assign(event, column.path, parsed(column.path, value));
  }
  return event as Event;
}

/** Lists of objects travel as JSON text (only `disks` in the schema). */
const parsed = (path: string, value: unknown): unknown =>
  typeof value === "string" && eventField(path)?.kind === "json" ? JSON.parse(value) : value;

/**
 * Sets a dotted path. Where a parent already holds a scalar, the rest of the path stays one key beside it;
 * columns are in path order, so a parent always comes first.
 */
function assign(target: Node, path: string, value: unknown): void {
  const parts = path.split(".");
  const last = parts.length - 1;
  let node = target;
  for (let at = 0; at < last; at++) {
    const key = parts[at]!;
    const child = node[key];
    if (child === undefined) node[key] = {};
    else if (typeof child !== "object" || Array.isArray(child)) {
      node[parts.slice(at).join(".")] = value;
      return;
    }
    node = node[key] as Node;
  }
  node[parts[last]!] = value;
}
