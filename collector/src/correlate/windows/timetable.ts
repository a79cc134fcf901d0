/** Things to be looked at again at a time, the earliest first: a binary heap. */
export class Timetable<T extends { due: number }> {
  readonly #heap: { readonly at: number; readonly thing: T }[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest time; Infinity where there is nothing. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(thing: T): void {
    const heap = this.#heap;
    const entry = { at: thing.due, thing };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (heap[above]!.at <= entry.at) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = entry;
  }

  /** Takes out the earliest whose time has come. */
  take(now: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.at > now) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first.thing;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.at < heap[below]!.at) below++;
      if (heap[below]!.at >= last.at) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = last;
    return first.thing;
  }
}
