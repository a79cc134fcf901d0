import type { Value } from "../expression/index.ts";

/** What a tag names: a variable, a value, or a helper with its values. */
export type Operand =
  | { readonly kind: "literal"; readonly value: Value }
  | Path
  | { readonly kind: "call"; readonly helper: InlineHelper; readonly args: readonly Operand[] };

export interface Path {
  readonly kind: "path";
  readonly at: number;
  /** How many contexts above the current one it begins: the number of `../`. */
  readonly up: number;
  /** True for `this.…`, `.` and `../…`, which look nowhere else. */
  readonly own: boolean;
  /** `@key`, `@index`, `@first`, `@last` or `@root` without its `@`. */
  readonly data?: DataName;
  readonly segments: readonly string[];
}

export const dataNames = ["key", "index", "first", "last", "root"] as const;
export type DataName = (typeof dataNames)[number];

export const blockHelpers = ["each", "if", "unless", "with", "equal"] as const;
export type BlockHelper = (typeof blockHelpers)[number];

export const inlineHelpers = ["lookup", "log", "equal"] as const;
export type InlineHelper = (typeof inlineHelpers)[number];

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly operand: Operand }
  | {
      readonly kind: "block";
      readonly helper: BlockHelper;
      readonly args: readonly Operand[];
      /** Names after `as |…|`. */
      readonly names: readonly string[];
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };
