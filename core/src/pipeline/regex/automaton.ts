import type { CutAutomaton } from "../../kernels/index.ts";
import type { Regex } from "./parse.ts";
import type { CharSet } from "./sets.ts";

/** What a thread may do at a place of the program; numbers are places. */
type Instruction =
  | { readonly kind: "char"; readonly set: CharSet }
  | { readonly kind: "split"; readonly first: number; readonly second: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "match" };

/** Longest program; an expression of that size has no automaton. */
const maxProgram = 1_000;
/** States that are made at most; a text that would need more is left to the expression. */
const maxStates = 256;
const symbols = 128;

/** In place of where a match ends. */
export const noMatch = -1;
export const notKnown = -2;

class Uncompiled extends Error {}

const mayBeEmpty = (regex: Regex): boolean => {
  if (regex.kind === "set") return false;
  if (regex.kind === "assert") return true;
  if (regex.kind === "repeat") return regex.min === 0 || mayBeEmpty(regex.item);
  return regex.kind === "sequence" ? regex.items.every(mayBeEmpty) : regex.items.some(mayBeEmpty);
};

/** The program of an expression; threads that come first in it are preferred. */
function programOf(regex: Regex): Instruction[] {
  const program: Instruction[] = [];
  const put = (instruction: Instruction): number => {
    if (program.length >= maxProgram) throw new Uncompiled();
    return program.push(instruction) - 1;
  };
  /** A choice between going on here and a place that is filled in later. */
  const fork = (): number => put({ kind: "split", first: -1, second: -1 });
  const join = (at: number, here: number, away: number, preferHere: boolean): void => {
    program[at] = {
      kind: "split",
      first: preferHere ? here : away,
      second: preferHere ? away : here,
    };
  };
  const write = (node: Regex): void => {
    switch (node.kind) {
      case "set":
        put({ kind: "char", set: node.set });
        return;
      case "sequence":
        for (const item of node.items) write(item);
        return;
      case "assert":
        if (node.assert !== "start" && node.assert !== "end") throw new Uncompiled();
        put({ kind: node.assert });
        return;
      case "choice": {
        const ends: number[] = [];
        for (const [index, item] of node.items.entries()) {
          if (index === node.items.length - 1) {
            write(item);
            continue;
          }
          const at = fork();
          write(item);
          ends.push(fork());
          join(at, at + 1, program.length, true);
        }
        for (const end of ends) join(end, program.length, program.length, true);
        return;
      }
      case "repeat": {
        const { item, min, max, greedy } = node;
        // An empty round is where engines differ.
        if (min < max && mayBeEmpty(item)) throw new Uncompiled();
        for (let round = 0; round < min; round++) write(item);
        if (max === Number.POSITIVE_INFINITY) {
          const at = fork();
          write(item);
          const back = fork();
          join(back, at, at, true);
          join(at, at + 1, program.length, greedy);
          return;
        }
        const forks: number[] = [];
        for (let round = min; round < max; round++) {
          forks.push(fork());
          write(item);
        }
        for (const at of forks) join(at, at + 1, program.length, greedy);
      }
    }
  };
  write(regex);
  put({ kind: "match" });
  return program;
}

const has = (set: CharSet, code: number): boolean => {
  for (let index = 0; index < set.length; index += 2)
    if (code >= set[index]! && code <= set[index + 1]!) return true;
  return false;
};

/**
 * An expression as an automaton over the bytes of ASCII texts, one look per byte. Finds what a backtracking engine
 * finds, the first of its choices that leads to a match, because a state is the list of its threads in their order
 * of preference. States are made when a text needs them.
 */
export class Automaton implements CutAutomaton {
  readonly #program: readonly Instruction[];
  readonly #search: boolean;
  /** By state and byte: the next state × 2, and 1 more where a match ends there. 0 is dead, 1 is not known yet. */
  #next = new Uint16Array(8 * symbols).fill(1);
  /** By state: whether a match ends at the end of the text. */
  readonly #endings = new Uint8Array(maxStates);
  readonly #threads: (readonly number[])[] = [[], []];
  readonly #states = new Map<string, number>();
  readonly #start: number;
  #version = 0;

  /** Undefined where an expression has no automaton. `search`: a match may begin anywhere. */
  static of(regex: Regex, search = false): Automaton | undefined {
    try {
      return new Automaton(programOf(regex), search);
    } catch (error) {
      if (error instanceof Uncompiled) return undefined;
      throw error;
    }
  }

  private constructor(program: readonly Instruction[], search: boolean) {
    this.#program = program;
    this.#search = search;
    this.#start = this.#state([0], true);
  }

  get version(): number {
    return this.#version;
  }

  get next(): Uint16Array {
    return this.#next;
  }

  get endings(): Uint8Array {
    return this.#endings;
  }

  get start(): number {
    return this.#start;
  }

  /** Where the match that begins at `from` ends, in the text that goes up to `end`; `noMatch`, or `notKnown`. */
  find(bytes: Uint8Array, from: number, end: number): number {
    let next = this.#next;
    let state = this.#start;
    let last = (state & 1) === 1 ? from : noMatch;
    state >>= 1;
    for (let at = from; at < end; at++) {
      let to = next[(state << 7) | bytes[at]!]!;
      if (to < 2) {
        if (to === 0) return last;
        to = this.#step(state, bytes[at]!);
        if (to < 2) return to === 0 ? last : notKnown;
        next = this.#next;
      }
      if ((to & 1) === 1) last = at + 1;
      state = to >> 1;
    }
    return this.#endings[state] === 1 ? end : last;
  }

  /** For a search: whether there is a match. Undefined where that is not known. */
  test(bytes: Uint8Array, from: number, end: number): boolean | undefined {
    let next = this.#next;
    let state = this.#start;
    if ((state & 1) === 1) return true;
    state >>= 1;
    for (let at = from; at < end; at++) {
      let to = next[(state << 7) | bytes[at]!]!;
      if (to < 2) {
        if (to === 0) return false;
        to = this.#step(state, bytes[at]!);
        if (to < 2) return to === 0 ? false : undefined;
        next = this.#next;
      }
      if ((to & 1) === 1) return true;
      state = to >> 1;
    }
    return this.#endings[state] === 1;
  }

  /** Makes the state behind a byte. 0 where there is none, 1 where there are too many. */
  #step(state: number, byte: number): number {
    const threads: number[] = [];
    for (const at of this.#threads[state]!) {
      const instruction = this.#program[at]!;
      if (instruction.kind === "char" && has(instruction.set, byte)) threads.push(at + 1);
    }
    if (this.#search) threads.push(0);
    const to = this.#state(threads, false);
    if (to !== 1) this.#next[(state << 7) | byte] = to;
    this.#version++;
    return to;
  }

  /** The number of a state × 2, and 1 more where a match ends in it. */
  #state(begin: readonly number[], first: boolean): number {
    const { threads, matched } = this.#closure(begin, first, false);
    const ending = this.#closure(begin, first, true).matched;
    if (threads.length === 0 && !matched && !ending) return 0;
    const key = `${threads.join(",")} ${matched} ${ending}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      state = this.#threads.length;
      if (state >= maxStates) return 1;
      this.#threads.push(threads);
      this.#states.set(key, state);
      if (ending) this.#endings[state] = 1;
      if ((state + 1) * symbols > this.#next.length) {
        const grown = new Uint16Array(this.#next.length * 2).fill(1);
        grown.set(this.#next);
        this.#next = grown;
      }
    }
    return state * 2 + (matched ? 1 : 0);
  }

  /** Threads that wait for a byte, in their order of preference; those behind a match do not count. */
  #closure(
    begin: readonly number[],
    first: boolean,
    last: boolean,
  ): { readonly threads: readonly number[]; readonly matched: boolean } {
    const threads: number[] = [];
    const seen = new Set<number>();
    const stack = begin.toReversed();
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = this.#program[at]!;
      if (instruction.kind === "match") return { threads, matched: true };
      if (instruction.kind === "char") threads.push(at);
      else if (instruction.kind === "split") stack.push(instruction.second, instruction.first);
      else if (instruction.kind === "start" ? first : last) stack.push(at + 1);
    }
    return { threads, matched: false };
  }
}
