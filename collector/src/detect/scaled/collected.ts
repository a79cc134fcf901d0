import type { Match, Matches, Subject } from "./match.ts";
import { partitionOf } from "./route-hash.ts";

interface Growing extends Match {
  readonly remember: string[];
  readonly ask: string[];
  readonly routes: number[];
}

/** Gathers what partitions are told, one event or alert after the other. */
export class CollectedMatches {
  readonly #partitions: number;
  readonly #byPartition = new Map<number, Growing[]>();
  #subject: Subject | undefined;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  get all(): Matches {
    return this.#byPartition;
  }

  /** What is told from now on. */
  set subject(subject: Subject) {
    this.#subject = subject;
  }

  remember(signature: string, route: number): void {
    const { remember } = this.#of(route);
    if (remember.at(-1) !== signature) remember.push(signature);
  }

  ask(rule: string, route: number): void {
    this.#of(route).ask.push(rule);
  }

  #of(route: number): Growing {
    const partition = partitionOf(route, this.#partitions);
    let matches = this.#byPartition.get(partition);
    if (!matches) {
      matches = [];
      this.#byPartition.set(partition, matches);
    }
    let match = matches.at(-1);
    if (match?.subject !== this.#subject) {
      match = { subject: this.#subject!, remember: [], ask: [], routes: [] };
      matches.push(match);
    }
    if (!match!.routes.includes(route)) match!.routes.push(route);
    return match!;
  }
}
