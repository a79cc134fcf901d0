import type { BlockSlot, Constant } from "../../../kernels/index.ts";
import type { Call, Expr } from "../../cel/ast.ts";
import { dottedPath } from "../../cel/dotted-path.ts";
import { aliases, inList, pathFunctions } from "../../cel/functions.ts";
import type { CelProgram, Doc } from "../../cel/index.ts";
import { pathOf, splitPath } from "../../paths/index.ts";
import { type Patterns, searchRegex } from "../../patterns/index.ts";
import { Automaton, beginOf, type Regex } from "../../regex/index.ts";
import { readsOnlyFields } from "../conditions.ts";
import type { Layout } from "../layout.ts";
import { Beginnings } from "./beginnings.ts";
import { cheap, constantOf, equalTo, isPlain, modes, orders } from "./constants.ts";
import { Unwritten, writeMatch } from "./cut/index.ts";
import { inNetwork } from "./networks.ts";
import { askedForNull, markNulls } from "./nulls.ts";
import { type Holds, RowAsks } from "./row-asks.ts";
import { type BlockSpace, kind, logic, NoBlock, rows } from "./space.ts";
import type { Work, WorkCall } from "./work.ts";

const mostWords = 48;

/** Writes conditions as work on masks: the answer for all rows of a block at once. */
export class BlockAsks {
  readonly #space: BlockSpace;
  readonly #rows: RowAsks;
  readonly #patterns: Patterns;
  readonly #layout: Layout;
  /** Answers by what was asked, of the slots as they were. */
  readonly #known = new Map<string, number>();
  /** Words that texts may begin with, of slots as they were. */
  readonly #beginnings = new Map<string, Beginnings>();

  constructor(space: BlockSpace, layout: Layout, patterns: Patterns) {
    this.#space = space;
    this.#rows = new RowAsks(space);
    this.#layout = layout;
    this.#patterns = patterns;
  }

  /**
   * The mask that is 1 where a condition holds, behind what `work` has then; where `guard` is 0 it says nothing. Throws NoBlock.
   */
  write(program: CelProgram, guard = this.#constant(true)): number {
    if (program.strict) return this.#rowByRow(program, guard, "it is strict");
    try {
      return this.#mask(program.ast, guard);
    } catch (error) {
      if (!(error instanceof NoBlock)) throw error;
      return this.#rowByRow(program, guard, error.message);
    }
  }

  /** A condition that no mask answers is evaluated for each row. Faults open the row. */
  #rowByRow(program: CelProgram, guard: number, why: string): number {
    const slots = new Map(program.paths.map((path) => [path, this.#found(path)] as const));
    if (!readsOnlyFields(program) || [...slots.values()].includes(undefined))
      throw new NoBlock(`its condition has no form for blocks: ${why}`);
    const space = this.#space;
    const { kernel, work } = space;
    const out = kernel.mask();
    let row = 0;
    const doc: Doc = {
      get: (path) => {
        const slot = slots.get(path);
        return slot && space.value(slot, row);
      },
    };
    work.push(() => {
      const { memory, calls } = kernel;
      if (calls.logic(logic.without, guard, space.open, out, space.count) === 0) return;
      for (row = 0; row < space.count; row++) {
        if (memory[out + row] === 0) continue;
        try {
          memory[out + row] = program.test(doc) ? 1 : 0;
        } catch {
          memory[out + row] = 0;
          space.openRow(row);
        }
      }
    });
    return out;
  }

  /** What `write` puts behind the work, as a list of its own that need not run: what is asked in it is known in it only. */
  apart(write: () => void): Work[] {
    const known = new Map(this.#known);
    const beginnings = new Map(this.#beginnings);
    const own = this.#space.work.apart(write);
    for (const [list, before] of [
      [this.#known, known],
      [this.#beginnings, beginnings],
    ] as const) {
      list.clear();
      for (const [key, value] of before) (list as Map<string, unknown>).set(key, value);
    }
    return own;
  }

  /** Where `guard` is 0 the answer is not needed. */
  #mask(expr: Expr, guard: number): number {
    switch (expr.kind) {
      case "literal":
        if (typeof expr.value !== "boolean") throw new NoBlock("it is no question");
        return this.#constant(expr.value);
      case "has": {
        const path = dottedPath(expr.operand);
        if (path === undefined) throw new NoBlock("it asks for something else than a field");
        return this.#exists(path);
      }
      case "unary":
        if (expr.operator !== "!") throw new NoBlock(`it uses "${expr.operator}"`);
        return this.#combine(logic.not, this.#mask(expr.operand, guard), 0);
      case "logical": {
        const isAnd = expr.operator === "&&";
        const [first, ...rest] = expr.operands;
        return rest.reduce(
          (left, operand) => {
            const right = this.#mask(operand, isAnd ? left : guard);
            return this.#combine(isAnd ? logic.and : logic.or, left, right);
          },
          this.#mask(first!, guard),
        );
      }
      case "call":
        if (expr.target) throw new NoBlock(`it calls ".${expr.name}"`);
        return this.#call(expr, guard);
      case "binary": {
        const slot = this.#slot(askedForNull(expr));
        return this.#ask(slot, "null", (out) => markNulls(this.#space, slot, out));
      }
      default:
        throw new NoBlock(`it uses ${expr.kind}`);
    }
  }

  #remember(key: string, make: () => number): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const mask = make();
    this.#known.set(key, mask);
    return mask;
  }

  #constant(value: boolean): number {
    const { every, kernel } = this.#space;
    return value ? every : this.#remember("never", () => kernel.mask());
  }

  #combine(operation: number, a: number, b: number, version = 0): number {
    return this.#remember(`logic ${operation} ${a} ${b} ${version}`, () => {
      const out = this.#space.kernel.mask();
      this.#space.logic(operation, a, b, out);
      return out;
    });
  }

  #found(path: string): BlockSlot | undefined {
    const hasNone = pathOf(path).query || this.#layout.presence.has(path);
    return hasNone ? undefined : this.#space.at(splitPath(path));
  }

  #slot(path: string): BlockSlot {
    const slot = this.#found(path);
    if (!slot) throw new NoBlock(`it reads "${path}"`);
    return slot;
  }

  #keyOf(slot: BlockSlot, what: string): string {
    return `${slot.kindsAt}@${this.#space.version(slot)} ${what}`;
  }

  #isKnown(slot: BlockSlot, what: string): boolean {
    return this.#known.has(this.#keyOf(slot, what));
  }

  /** An answer about a slot: known while nobody writes it. */
  #ask(slot: BlockSlot, what: string, write: (out: number) => void): number {
    return this.#remember(this.#keyOf(slot, what), () => {
      const out = this.#space.kernel.mask();
      write(out);
      return out;
    });
  }

  #exists(path: string): number {
    const presence = this.#space.there.of(path);
    // What is known of it changes from step to step, so each answer is a copy.
    if (presence) return this.#combine(logic.or, presence.mask, presence.mask, presence.version);
    const slot = this.#slot(path);
    return this.#ask(slot, "exists", (out) => this.#space.work.kernel("exists", slot.kindsAt, out, rows));
  }

  #call(call: Call, guard: number): number {
    const [first, ...rest] = call.args;
    const refused = (): NoBlock => new NoBlock(`it calls "${call.name}" in a way that has no such form`);
    if (first?.kind !== "literal" || typeof first.value !== "string") throw refused();
    const path = first.value;
    if (call.name === "exists") {
      if (rest.length > 0) throw refused();
      return this.#exists(path);
    }
    const slot = this.#slot(path);
    const name = Object.hasOwn(aliases, call.name) ? aliases[call.name]! : call.name;
    const spec =
      name === "inList" ? inList : Object.hasOwn(pathFunctions, name) ? pathFunctions[name] : undefined;
    const constants = rest.map(constantOf);
    if (!spec || constants.length !== spec.arity || constants.includes(undefined)) throw refused();
    const args = constants.map((constant) => constant!.value);
    let holds: Holds;
    let automaton: Automaton | undefined;
    let begin: Regex | undefined;
    try {
      const regex = (source: string) => {
        const search = searchRegex(source, this.#patterns);
        automaton = search.tree && Automaton.of(search.tree, true);
        begin = search.tree && beginOf(search.tree);
        return search.test;
      };
      holds = spec.prepare(args, { regex });
    } catch {
      // The function is never true with this argument; the author was told when it was compiled.
      return this.#constant(false);
    }
    const question = `${name} ${JSON.stringify(args)}`;
    const texts = this.#space.constants.of(slot);
    if (texts) return this.#ask(slot, question, (out) => this.#constants(slot, out, texts, holds));
    const { every } = this.#space;
    // What costs little is asked of all rows, so that the answer serves other conditions too, and what was asked of all is known.
    const mask = cheap.has(name) || this.#isKnown(slot, `${question} ${every}`) ? every : guard;
    return this.#ask(slot, `${question} ${mask}`, (out) =>
      this.#test(slot, mask, out, name, args[0], holds, automaton, begin),
    );
  }

  /** Asks each text that a slot may hold, now. */
  #constants(slot: BlockSlot, out: number, texts: readonly Constant[], holds: Holds): void {
    const { kernel, work, open } = this.#space;
    const [answers, faults] = [kernel.take(16), kernel.take(16)];
    for (const [index, { text }] of texts.entries())
      try {
        kernel.memory[answers + index + 1] = holds(text) ? 1 : 0;
      } catch {
        kernel.memory[faults + index + 1] = 1;
      }
    work.kernel("mapped", slot.kindsAt, 0, rows, answers, out);
    if (kernel.memory.subarray(faults, faults + 16).every((fault) => fault === 0)) return;
    const opened = kernel.mask();
    work.kernel("mapped", slot.kindsAt, 0, rows, faults, opened);
    this.#space.logic(logic.or, open, opened, open);
  }

  #test(
    slot: BlockSlot,
    mask: number,
    out: number,
    name: string,
    argument: unknown,
    holds: Holds,
    automaton: Automaton | undefined,
    begin: Regex | undefined,
  ): void {
    const { kernel, work } = this.#space;
    const { calls } = kernel;
    const { kindsAt, valuesAt } = slot;
    const items = Array.isArray(argument) ? (argument as unknown[]) : [argument];
    if (name === "equals" || name === "oneOf") {
      if (items.length > 0 && items.length <= mostWords && items.every(isPlain)) {
        this.#begins(slot, out, items as string[], true, holds);
        return;
      }
      if (items.length > 0 && items.length <= 8 && items.every((item) => Number.isFinite(item))) {
        this.#numbers(slot, out, items as number[], holds);
        return;
      }
    }
    if (Object.hasOwn(orders, name) && Number.isFinite(argument)) {
      const numbers = [kindsAt, valuesAt, out, rows, orders[name]!, argument as number] as const;
      this.#orOthers({ kernel: "compare", numbers }, slot, out, kind.number, holds);
      return;
    }
    if (
      (name === "startsWith" || Object.hasOwn(modes, name)) &&
      items.length > 0 &&
      items.length <= mostWords
    ) {
      const needles = Array.isArray(argument)
        ? items.map((item) => (typeof item === "string" ? item.trim() : ""))
        : items;
      const words = needles.every((needle) => typeof needle === "string" && needle !== "");
      if (words && name === "startsWith") {
        this.#begins(slot, out, needles as string[], false, holds);
        return;
      }
      if (words) {
        this.#words(slot, mask, out, modes[name]!, needles as string[], holds);
        return;
      }
    }
    if (begin && this.#coded(slot, mask, out, begin, holds)) return;
    if (name === "inCIDR" && typeof argument === "string")
      inNetwork(this.#space, slot, { mask, out, cidr: argument }, (row) =>
        this.#rows.row(slot, out, row, holds),
      );
    else if (!automaton) work.push(() => this.#rows.each(slot, mask, out, holds));
    else {
      const search = automaton;
      const table = kernel.table(search);
      work.push(() => {
        const { next, endings } = table;
        if (calls.test(kindsAt, valuesAt, mask, out, this.#space.count, next, search.start, endings) > 0)
          this.#rows.learn(slot, mask, out, search, holds);
      });
    }
  }

  /** Asks by a call that gives how many rows hold what it does not know. */
  #orOthers(call: WorkCall, slot: BlockSlot, out: number, known: number, holds: Holds): void {
    this.#space.when(call, () => this.#space.work.push(() => this.#rows.others(slot, out, known, holds)));
  }

  /** What matches at the beginning of a text, as code; false where it has none. */
  #coded(slot: BlockSlot, mask: number, out: number, begin: Regex, holds: Holds): boolean {
    const space = this.#space;
    const picked = space.kernel.mask();
    try {
      const name = writeMatch(space, slot, begin);
      const match = (): void => space.work.own(name, rows, picked, out);
      const pick: WorkCall = { kernel: "pick", numbers: [slot.kindsAt, mask, picked, rows, space.open, 0] };
      const others = (): void => {
        match();
        space.work.push(() => this.#rows.others(slot, out, kind.text, holds));
      };
      space.when(pick, others, match);
      return true;
    } catch (error) {
      if (error instanceof Unwritten) return false;
      throw error;
    }
  }

  #begins(slot: BlockSlot, out: number, words: string[], whole: boolean, holds: Holds): void {
    const key = `${slot.kindsAt}@${this.#space.version(slot)}`;
    const known = this.#beginnings.get(key);
    const group = known?.hasRoom(words.length) ? known : new Beginnings(this.#space, slot);
    this.#beginnings.set(key, group);
    group.add(words, whole)(out);
    const body = [() => this.#rows.others(slot, out, kind.text, holds)];
    this.#space.work.push({ noted: group.others, lower: false, body });
  }

  #words(slot: BlockSlot, mask: number, out: number, mode: number, words: string[], holds: Holds): void {
    const list = this.#space.list(words);
    const numbers = [slot.kindsAt, slot.valuesAt, mask, out, rows, mode, list.at, list.size] as const;
    this.#orOthers({ kernel: "words", numbers }, slot, out, kind.text, holds);
  }

  #numbers(slot: BlockSlot, out: number, numbers: number[], holds: Holds): void {
    const { kernel } = this.#space;
    const { calls } = kernel;
    const one = kernel.mask();
    this.#space.work.push(() => {
      const { count } = this.#space;
      this.#space.clear(out);
      let others = 0;
      for (const number of numbers) {
        others += calls.compare(slot.kindsAt, slot.valuesAt, one, count, equalTo, number);
        calls.logic(logic.or, out, one, out, count);
      }
      if (others > 0) this.#rows.others(slot, out, kind.number, holds);
    });
  }
}
