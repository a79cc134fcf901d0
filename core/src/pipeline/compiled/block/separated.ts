import type { BlockSlot } from "../../../kernels/index.ts";
import { sanitizeName } from "../../paths/index.ts";
import type { BlockSpace } from "./space.ts";

/** Where the parts of a separated text go, an empty name nowhere; undefined where a name has no slot, or the separator is no single ASCII character. */
export function separatedSlots(
  space: BlockSpace,
  separator: string,
  names: readonly string[],
): (BlockSlot | undefined)[] | undefined {
  if (!/^[\0-\x7f]$/.test(separator)) return undefined;
  const slots = names.map((name) => (name === "" ? undefined : space.at(sanitizeName(name))));
  return slots.every((slot, index) => slot !== undefined || names[index] === "") ? slots : undefined;
}
