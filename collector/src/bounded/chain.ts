/** An entry of a chain. Its links belong to the chain. */
export interface Link<T> {
  older: T | undefined;
  newer: T | undefined;
}

/** Entries in the order of their use, linked into each other: touching, removing and finding the oldest are O(1). */
export class Chain<T extends Link<T>> {
  oldest: T | undefined;
  newest: T | undefined;

  add(entry: T): void {
    entry.older = this.newest;
    entry.newer = undefined;
    if (this.newest) this.newest.newer = entry;
    this.newest = entry;
    this.oldest ??= entry;
  }

  touch(entry: T): void {
    if (entry === this.newest) return;
    this.remove(entry);
    this.add(entry);
  }

  remove(entry: T): void {
    const { older, newer } = entry;
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
  }
}
