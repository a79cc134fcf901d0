import type { Problem } from "../../config/index.ts";
import { iconRules, type RuleId } from "./rules.ts";

/** A broken rule with its place. Without a severity it is an error. */
export interface IconProblem extends Problem {
  readonly rule: RuleId;
}

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Problems kept of one spec; a hostile one must not fill the memory. */
const maxKept = 2_000;

/** Problems of one file, in the order in which they were found, at most 2000 of them. */
export class Findings {
  readonly file: string;
  readonly #list: IconProblem[] = [];
  #left = 0;

  constructor(file: string) {
    this.file = file;
  }

  add(rule: RuleId, place: Place, path: string, message: string, suggestion?: string): void {
    if (this.#list.length >= maxKept) {
      this.#left++;
      return;
    }
    const { line, column } = place;
    this.#list.push({
      file: this.file,
      line,
      column,
      path,
      message,
      rule,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(iconRules[rule].severity === "warning" ? { severity: "warning" as const } : {}),
    });
  }

  /** By place in the file. The last one says how many were left out, where that happened. */
  sorted(): readonly IconProblem[] {
    const list = this.#list.toSorted((a, b) => a.line - b.line || a.column - b.column);
    if (this.#left === 0) return list;
    const message = `${this.#left} more problems are not shown.`;
    return [...list, { file: this.file, line: 1, column: 1, path: "", message, rule: "yaml.limits" }];
  }
}
