import type { Alert, Event } from "@vedette/sdk";
import type { Match, Matches } from "./match.ts";
import { partitionOf } from "./route-hash.ts";

interface Growing extends Match {
  readonly remember: string[];
  readonly ask: string[];
  readonly routes: number[];
}

/** Gathers what partitions are told, event by event. */
export class CollectedMatches {
  readonly #partitions: number;
  readonly #byPartition = new Map<number, Growing[]>();

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  get all(): Matches {
    return this.#byPartition;
  }

  remember(event: Event | Alert, isAlert: boolean, signature: string, route: number): void {
    const { remember } = this.#of(event, isAlert, route);
    if (remember.at(-1) !== signature) remember.push(signature);
  }

  ask(event: Event, rule: string, route: number): void {
    this.#of(event, false, route).ask.push(rule);
  }

  #of(event: Event | Alert, isAlert: boolean, route: number): Growing {
    const partition = partitionOf(route, this.#partitions);
    let matches = this.#byPartition.get(partition);
    if (!matches) {
      matches = [];
      this.#byPartition.set(partition, matches);
    }
    let match = matches.at(-1);
    if (match?.event !== event) {
      match = { event, isAlert, remember: [], ask: [], routes: [] };
      matches.push(match);
    }
    if (!match.routes.includes(route)) match.routes.push(route);
    return match;
  }
}
