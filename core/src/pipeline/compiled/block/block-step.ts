import type { BlockSlot } from "../../../kernels/index.ts";
import type { Given } from "./givens.ts";

/** What a step does to the rows of a mask; `missed` becomes 1 where it finds nothing to do. Rows it cannot do are opened. */
export interface BlockStep {
  readonly writes: readonly BlockSlot[];
  /** What it may leave in one of the slots that it writes, where that is known. */
  gives?(slot: BlockSlot): readonly Given[] | undefined;
  /** A split field that is there behind it in every row that it ran for, be it empty. */
  readonly makes?: string;
  /** True where it notes itself which objects are there below the top. */
  readonly nests?: boolean;
  /** Does it in script. */
  run(mask: number, missed: number): void;
}

/** A step that puts what it does behind the work of its space. */
export interface WrittenStep extends Omit<BlockStep, "run"> {
  write(mask: number, missed: number): void;
}
