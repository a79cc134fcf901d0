import type { BlockSlot } from "../../../kernels/index.ts";
import { type JsonObject, sanitizeName, splitPath, textOf } from "../../paths/index.ts";
import { peekSlot } from "./peek.ts";
import { type BlockSpace, kind } from "./space.ts";
import type { BlockStep } from "./steps.ts";

/** Entries that a table may have in a block, and bytes of their texts. */
const mostEntries = 1_000;
const mostBytes = 128 << 10;

/** The options of a lookup that matter here. */
export interface LookupOptions {
  readonly source: string;
  readonly table?: Readonly<Record<string, unknown>> | undefined;
  readonly target?: string | undefined;
  readonly default?: unknown;
  readonly ignoreCase: boolean;
}

/** One value of an entry, where it goes and how it lies there. */
interface Field {
  readonly slot: BlockSlot;
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly number: number;
}

const isMap = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Values by field of every entry, the one for what is in none last; undefined where the table has no form for blocks. */
export function entriesOf({ table, target, default: other }: LookupOptions):
  | {
      readonly keys: readonly string[];
      readonly values: readonly (readonly (readonly [string, unknown])[])[];
    }
  | undefined {
  if (!table || Object.keys(table).length > mostEntries) return undefined;
  const given = other === undefined ? Object.values(table) : [...Object.values(table), other];
  const values = given.map((entry) => (isMap(entry) ? Object.entries(entry) : [[target!, entry] as const]));
  let bytes = 0;
  for (const [, value] of values.flat()) bytes += typeof value === "string" ? value.length + 96 : 0;
  return bytes > mostBytes ? undefined : { keys: Object.keys(table), values };
}

function fieldOf(space: BlockSpace, [name, value]: readonly [string, unknown]): Field | undefined {
  const slot = space.at(sanitizeName(name));
  if (!slot) return undefined;
  const none = { slot, from: 0, to: 0, number: 0 };
  if (typeof value === "boolean") return { ...none, kind: kind.boolean, from: value ? 1 : 0 };
  if (typeof value === "number" && Number.isFinite(value))
    return { ...none, kind: kind.number, number: value };
  const made = typeof value === "string" ? space.texts.constant(value) : undefined;
  return made && { ...none, kind: kind.text, ...made };
}

/** Writes what a table says about a value. */
export function makeLookup(space: BlockSpace, options: LookupOptions): BlockStep | undefined {
  const entries = entriesOf(options);
  const path = splitPath(options.source);
  const around = space.around(path);
  const peeked = around && peekSlot(space, around);
  const source = peeked?.slot ?? space.at(path);
  if (!entries || !source) return undefined;
  const made = entries.values.map((entry) => entry.map((field) => fieldOf(space, field)));
  if (made.some((fields) => fields.includes(undefined))) return undefined;
  const writes = made as Field[][];
  const { ignoreCase } = options;
  const folded = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const table = new Map(entries.keys.map((key, index) => [folded(key), writes[index]!]));
  const other = options.default === undefined ? undefined : writes.at(-1)!;
  const find = (text: string): Field[] | undefined => table.get(folded(text)) ?? other;
  const { memory } = space.kernel;
  return {
    writes: [...new Set(writes.flat().map(({ slot }) => slot))],
    run: (mask, missed) => {
      peeked?.fill(mask);
      const found: (Field[] | undefined)[] = new Array(space.count).fill(other);
      space.eachText(source, find, (row, fields) => {
        found[row] = fields;
      });
      const { kinds } = source;
      for (let row = 0; row < space.count; row++) {
        memory[missed + row] = 0;
        if (memory[mask + row] === 0) continue;
        const held = kinds[row]!;
        if (held > kind.boolean) {
          space.openRow(row);
          continue;
        }
        const fields =
          held === kind.number || held === kind.boolean ? find(textOf(space.value(source, row))) : found[row];
        if (!fields) {
          memory[missed + row] = 1;
          continue;
        }
        for (const { slot, kind: made, from, to, number } of fields) {
          slot.kinds[row] = made;
          if (made === kind.number) slot.numbers[row] = number;
          else {
            slot.places[row * 2] = from;
            slot.places[row * 2 + 1] = to;
          }
        }
      }
    },
  };
}
