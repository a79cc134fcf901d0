import { severities } from "@vedette/sdk";
import {
  type BlockColumn,
  NumberBuilder,
  parseTime,
  TextBuilder,
  type ValueBlock,
} from "../../../batch/index.ts";
import { type BlockSlot, ConstantValues, SlotValues } from "../../../kernels/index.ts";
import { coerce, unfit } from "../../coerce.ts";
import { eventTree } from "../../event-tree.ts";
import type { Layout, Slot } from "../layout.ts";
import { given } from "../layout.ts";
import type { RowWriter } from "../row-writer.ts";
import type { RowLog } from "../seam.ts";
import { Beginnings } from "./beginnings.ts";
import { equalTo } from "./constants.ts";
import { type BlockSpace, kind, logic, NoBlock, rows } from "./space.ts";

/** Kinds that a column takes, as bits. */
const texts = 1 << kind.text;
const numbers = 1 << kind.number;
const scalars = texts | numbers | (1 << kind.boolean) | (1 << kind.tree);

/** Largest numbers of the columns; of whole ones beyond, a slot does not have every one. */
const bounds = { u32: 0xffff_ffff, u64: Number.MAX_SAFE_INTEGER, f64: Number.MAX_VALUE } as const;

/** What a slot is at the end of a row: the values of one column. */
interface Output {
  readonly path: string;
  readonly block: ValueBlock;
  /** Of a time: milliseconds by row, NaN where there is none. */
  readonly times?: ValueBlock;
}

/** The values of a slot as a column takes them. */
function valueBlock(space: BlockSpace, slot: BlockSlot): ValueBlock {
  const constants = space.constants.of(slot);
  return constants
    ? new ConstantValues(space.kernel, slot, constants)
    : new SlotValues(space.kernel, slot, space.raw, (row) => space.value(slot, row));
}

/** Milliseconds of a time; NaN for an empty one, undefined for what is none. */
function timeOf(text: string): number | undefined {
  const time = coerce("time", text);
  if (time === unfit) return undefined;
  return time === undefined ? Number.NaN : parseTime(time as string);
}

/** What the column of a path takes; undefined where there is none. */
function kindOf([first = "", ...rest]: readonly string[]): string | undefined {
  let node = eventTree.get(first);
  for (const key of rest) node = node?.children.get(key);
  return node?.kind;
}

/** The columns of one batch that a block writes. */
export interface BoundBlock {
  /** Writes rows of the block from `first` on, of which the first becomes `row`. False, with nothing written, where columns do not take them. */
  write(first: number, count: number, row: number, log: RowLog): boolean;
}

/** Writes the end of rows by the column: what `FinishWriter` writes for one row. */
export class BlockColumns {
  readonly #space: BlockSpace;
  readonly #outputs: Output[] = [];
  readonly #writesDataSource: boolean;
  readonly #tenantName: string;

  /** Puts the checks of the values behind what `space.work` has. Throws NoBlock. */
  constructor(space: BlockSpace, layout: Layout, writesDataSource: boolean, tenantName: string) {
    this.#space = space;
    this.#writesDataSource = writesDataSource;
    this.#tenantName = tenantName;
    for (const [name, slot] of layout.whole) {
      this.#topLevel(name, slot);
      this.#tell(name);
    }
    space.onNamed = (name, slot) => this.#outputOf(`log.${name}`, slot, scalars);
    for (const [first, fields] of layout.split)
      for (const [second, slot] of fields) {
        if (first === "log") this.#output(`log.${second}`, slot, scalars);
        else this.#leaf(`${first}.${second}`, kindOf([first, ...second.split(".")]), slot);
        this.#tell(`${first}.${second}`);
      }
  }

  /** Tells who tunes pipelines which field opened rows. */
  #tell(path: string): void {
    this.#space.work.push({ done: `the value of ${path}` });
  }

  #topLevel(name: string, slot: Slot): void {
    if (given.has(name)) {
      if (slot.written && name !== "@timestamp" && name !== "raw")
        throw new NoBlock(`a step writes "${name}"`);
    } else if (name === "tenantName" || name === "agentId" || name === "errors") this.#nothing(slot);
    else if (name === "severity") this.#severity(slot);
    else this.#leaf(name, eventTree.get(name)?.kind, slot);
  }

  /** Opens rows that have a value here. */
  #nothing(slot: Slot): void {
    const own = this.#space.of(slot);
    if (!own) throw new NoBlock("it writes a field that every log begins with");
    const { kernel, open, work } = this.#space;
    const mask = kernel.mask();
    work.kernel("exists", own.kindsAt, mask, rows);
    this.#space.logic(logic.or, open, mask, open);
  }

  #output(path: string, slot: Slot, allowed: number, times?: BlockSlot): BlockSlot {
    const own = this.#space.of(slot);
    if (!own) throw new NoBlock("it writes a field that every log begins with");
    return this.#outputOf(path, own, allowed, times);
  }

  /** Also of fields that a line is the first to name, whose check then comes behind the others of the same block. */
  #outputOf(path: string, own: BlockSlot, allowed: number, times?: BlockSlot): BlockSlot {
    const { open, work } = this.#space;
    if (!this.#space.givens.areOf(own, allowed))
      work.kernel("check", own.kindsAt, own.valuesAt, rows, allowed, open);
    const block = valueBlock(this.#space, own);
    this.#outputs.push(times ? { path, block, times: valueBlock(this.#space, times) } : { path, block });
    return own;
  }

  #leaf(path: string, fieldKind: string | undefined, slot: Slot): void {
    switch (fieldKind) {
      case "text":
        this.#output(path, slot, texts);
        return;
      case "u32":
      case "u64":
      case "f64": {
        const own = this.#output(path, slot, texts | numbers);
        const { kernel, open, work } = this.#space;
        const read = kernel.mask();
        // A text of digits is a number to its column.
        const longest = fieldKind === "u32" ? 10 : 15;
        work.kernel("exists", own.kindsAt, read, rows);
        work.kernel("digits", own.kindsAt, own.valuesAt, read, rows, longest, read, open);
        const whole = fieldKind === "f64" ? 0 : 1;
        work.kernel("bounded", own.kindsAt, own.valuesAt, rows, bounds[fieldKind], whole, open);
        if (fieldKind !== "u64") return;
        // Zero is no value, and a column of such numbers would have it.
        work.kernel("compare", own.kindsAt, own.valuesAt, read, rows, equalTo, 0);
        work.kernel("remove", own.kindsAt, read, rows, kernel.mask());
        return;
      }
      case "time":
        this.#time(path, slot);
        return;
      default:
        this.#nothing(slot);
    }
  }

  #severity(slot: Slot): void {
    const own = this.#output("severity", slot, texts);
    if (this.#space.givens.areTexts(own, (text) => severities.includes(text as never))) return;
    const { kernel, open, work } = this.#space;
    const [known, there] = [kernel.mask(), kernel.mask()];
    const write = new Beginnings(this.#space, own).add(severities, true);
    work.kernel("exists", own.kindsAt, there, rows);
    write(known);
    this.#space.logic(logic.without, there, known, known);
    this.#space.logic(logic.or, open, known, open);
  }

  #time(path: string, slot: Slot): void {
    const { kernel, work } = this.#space;
    const made = kernel.slot();
    const { valuesAt, numbers: times } = made;
    const own = this.#output(path, slot, texts, made);
    const other = kernel.mask();
    const others = { ...own, kindsAt: other };
    const readOthers = (): void =>
      this.#space.eachText(others, timeOf, (row, time) => {
        if (time === undefined) this.#space.openRow(row);
        else times[row] = time;
      });
    const numbers = [own.kindsAt, own.valuesAt, rows, valuesAt, other] as const;
    this.#space.when({ kernel: "times", numbers }, () => work.push(readOthers));
  }

  bind(writer: RowWriter): BoundBlock {
    const outputs = this.#outputs;
    const columns: (BlockColumn | undefined)[] = outputs.map(() => undefined);
    const isPresent: number[] = [];
    const open = (path: string): BlockColumn | undefined => {
      const column = writer.open(path);
      return "addBlock" in column ? (column as unknown as BlockColumn) : undefined;
    };
    const deviceTime = outputs.findIndex(({ path }) => path === "deviceTime");
    // Called for each block: nothing is made here.
    return {
      write: (first, count, row, log) => {
        for (let at = 0; at < outputs.length; at++) {
          const { block, path } = outputs[at]!;
          isPresent[at] = at === deviceTime || block.any(first, count) ? 1 : 0;
          if (isPresent[at] === 0 || columns[at]) continue;
          const column = open(path);
          if (!column) return false;
          columns[at] = column;
        }
        for (let at = 0; at < outputs.length; at++) {
          if (isPresent[at] === 0) continue;
          const { block, times } = outputs[at]!;
          const column = columns[at]!;
          if (times) {
            const otherwise = at === deviceTime ? log.time : Number.NaN;
            (column as NumberBuilder).addTimes(row, first, count, times, otherwise);
          } else column.addBlock(row, first, count, block);
        }
        if (deviceTime < 0) repeat(writer, "deviceTime", row, count, log.time);
        if (this.#tenantName !== "") repeat(writer, "tenantName", row, count, this.#tenantName);
        if (this.#writesDataSource && log.dataSource !== "")
          repeat(writer, "dataSource", row, count, log.dataSource);
        return true;
      },
    };
  }
}

function repeat(writer: RowWriter, path: string, row: number, count: number, value: string | number): void {
  const column = writer.open(path);
  if (column instanceof NumberBuilder) column.repeat(row, count, value as number);
  else if (column instanceof TextBuilder) column.repeat(row, count, value as string);
  else for (let i = 0; i < count; i++) column.add(row + i, value);
}
