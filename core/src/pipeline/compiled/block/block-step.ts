import type { BlockSlot } from "../../../kernels/index.ts";

/** What a step does to the rows of a mask; `missed` becomes 1 where it finds nothing to do. Rows it cannot do are opened. */
export interface BlockStep {
  readonly writes: readonly BlockSlot[];
  /** The text that it writes, where it writes no other. */
  readonly gives?: string;
  /** A split field that is there behind it in every row that it ran for, be it empty. */
  readonly makes?: string;
  run(mask: number, missed: number): void;
}
