import type { Component } from "./component.ts";

/** Items that may wait for one part of a plugin. */
const maxWaiting = 10_000;

/** Hands items to a part of a plugin, one at a time and in order. Bounded: what comes when it is full is counted and dropped. */
export class CallQueue<Item> {
  readonly #component: Component;
  readonly #call: (item: Item) => Promise<void>;
  readonly #signal: AbortSignal;
  #items: Item[] = [];
  #running: Promise<void> | undefined;

  /** `call` never rejects. */
  constructor(component: Component, call: (item: Item) => Promise<void>, signal: AbortSignal) {
    this.#component = component;
    this.#call = call;
    this.#signal = signal;
  }

  /** Takes as many as fit. */
  add(items: readonly Item[]): void {
    const room = maxWaiting - this.#component.waiting;
    for (const item of items.slice(0, Math.max(0, room))) this.#items.push(item);
    this.#component.waiting += Math.min(items.length, Math.max(0, room));
    this.#component.dropped += Math.max(0, items.length - Math.max(0, room));
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#items.length > 0 && !this.#signal.aborted) {
      const items = this.#items;
      this.#items = [];
      for (const item of items) {
        if (this.#signal.aborted) return;
        await this.#call(item);
        this.#component.waiting--;
      }
    }
  }
}
