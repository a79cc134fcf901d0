import type { BlockSlot } from "../../../../kernels/index.ts";
import type { Automaton, Regex } from "../../../regex/index.ts";

/** A part of a text that is cut. */
export interface CodePart {
  readonly regex: Regex;
  /** What finds it where it has no code. */
  readonly automaton: Automaton | undefined;
  /** Where it goes. */
  readonly target: BlockSlot | undefined;
  /** True where a short run of digits goes there as the number that it is. */
  readonly toNumber: boolean;
}
