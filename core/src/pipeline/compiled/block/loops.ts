/** A step that goes through the fields of an object, and is told of those that lines are the first to name. */
export interface Loop {
  /** False where it does not know what to do with the field. It may be told of the same one again. */
  take(name: string): boolean;
}

/** Where the fields of an object go that lines have named, which steps write below `log` under other names. */
interface Moved {
  /** Undefined where they go nowhere. */
  readonly target: string | undefined;
}

/** The steps of a pipeline that go through the fields of objects whose names come with the lines. */
export class Loops {
  readonly #loops = new Map<string, Loop[]>();
  readonly #moved = new Map<string, Moved>();
  readonly #targets = new Set<string>();
  readonly #written = new Set<string>();
  readonly #moving = new Set<string>();

  /** `moves`: it says for each field where that goes. */
  add(object: string, loop: Loop, moves = false): void {
    if (moves) this.#moving.add(object);
    this.#loops.set(object, [...(this.#loops.get(object) ?? []), loop]);
  }

  /** True where one of the steps says where fields go. */
  isMoving(object: string): boolean {
    return this.#moving.has(object);
  }

  has(object: string): boolean {
    return this.#loops.has(object);
  }

  /** Tells all steps of a field of an object. False where one of them does not take it. */
  take(object: string, name: string): boolean {
    return (this.#loops.get(object) ?? []).every((loop) => loop.take(name));
  }

  /** Says that a step has written the fields of an object elsewhere: what takes the object away from then on does not take these. */
  write(object: string): void {
    this.#written.add(object);
  }

  /** True for a field of an object that has been written elsewhere by the steps so far. */
  isWritten(field: string): boolean {
    return [...this.#written].some((object) => field.startsWith(`${object}.`));
  }

  /** Says where a field goes, with all below it. */
  move(field: string, target: string | undefined): void {
    this.#moved.set(field, { target });
    if (target !== undefined) this.#targets.add(target);
  }

  /** True for a name that a field goes to. */
  isTarget(name: string): boolean {
    return this.#targets.has(name);
  }

  isMoved(name: string): boolean {
    return this.#movedWith(name) !== undefined;
  }

  /** The name of the column of a field, both without `log.`; undefined where it has none. */
  columnOf(name: string): string | undefined {
    const moved = this.#movedWith(name);
    return moved ? moved.column : name;
  }

  #movedWith(name: string): { readonly column: string | undefined } | undefined {
    const keys = name.split(".");
    for (let end = 1; end <= keys.length; end++) {
      const moved = this.#moved.get(keys.slice(0, end).join("."));
      if (moved) return { column: moved.target && [moved.target, ...keys.slice(end)].join(".") };
    }
    return undefined;
  }
}
