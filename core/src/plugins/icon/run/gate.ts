import { hostError } from "./failure.ts";

/** Lets so many in at a time; a bounded number waits, in order, and the rest is refused. */
export class Gate {
  readonly #width: number;
  readonly #room: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(width: number, room: number) {
    this.#width = width;
    this.#room = room;
  }

  /** Throws `plugin.failed` (retry) when too many wait already. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#width) {
      if (this.#waiting.length >= this.#room)
        throw hostError("plugin.failed", "Too many steps of this plugin wait already.", { again: true });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so that nobody slips in between.
      if (next) next();
      else this.#inside--;
    }
  }
}
