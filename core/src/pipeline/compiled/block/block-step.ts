import type { BlockSlot } from "../../../kernels/index.ts";

/** What a step does to the rows of a mask; `missed` becomes 1 where it finds nothing to do. Rows it cannot do are opened. */
export interface BlockStep {
  readonly writes: readonly BlockSlot[];
  /** The text that it writes, where it writes no other. */
  readonly gives?: string;
  /** A split field that is there behind it in every row that it ran for, be it empty. */
  readonly makes?: string;
  /** Does it in script. */
  run(mask: number, missed: number): void;
}

/** A step that puts what it does behind the work of its space. */
export interface WrittenStep extends Omit<BlockStep, "run"> {
  write(mask: number, missed: number): void;
}
