import type { BlockSlot } from "../../../kernels/index.ts";
import type { Expr } from "../../cel/ast.ts";
import { dottedPath } from "../../cel/dotted-path.ts";
import { type BlockSpace, kind, NoBlock } from "./space.ts";

/** The field of which a comparison asks whether it is null. Throws NoBlock for others. */
export function askedForNull({ left, right, operator }: Expr & { kind: "binary" }): string {
  const isNull = operator === "==" && right.kind === "literal" && right.value === null;
  const path = isNull ? dottedPath(left) : undefined;
  if (path === undefined) throw new NoBlock(`it uses "${operator}"`);
  return path;
}

/** Puts behind the work that a mask becomes 1 where a value is null, or there is none. */
export function markNulls(space: BlockSpace, { kinds }: BlockSlot, out: number): void {
  const { memory } = space.kernel;
  space.work.push(() => {
    for (let row = 0; row < space.count; row++)
      memory[out + row] = kinds[row] === kind.absent || kinds[row] === kind.null ? 1 : 0;
  });
}
