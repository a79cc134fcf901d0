import type { Texts } from "@vedette/core/batch";

/** The columns of a batch, for work on values that needs no strings. One object for each batch. */
export interface Columns {
  /**
   * The texts at a path as they lie in the batch; "absent" where no row has it; undefined where that cannot be told from texts alone,
   * such as where a value is a number or a list.
   */
  texts(path: string): Texts | "absent" | undefined;
}
