import type { BlockSlot } from "../../../kernels/index.ts";
import { networkOf } from "../../cel/net.ts";
import { type BlockSpace, kind } from "./space.ts";

/** Masks of rows that are asked and of the answers, and the network in CIDR notation. */
interface Question {
  readonly mask: number;
  readonly out: number;
  readonly cidr: string;
}

/** Asks whether texts are addresses in a network: those of IPv4 by a kernel, all else row by row. */
export function inNetwork(
  space: BlockSpace,
  { kindsAt, valuesAt, kinds }: BlockSlot,
  { mask, out, cidr }: Question,
  ask: (row: number) => void,
): () => void {
  const { calls, memory } = space.kernel;
  const { network, bits } = networkOf(cidr)!;
  const isShort = network.length === 4;
  const first = isShort ? Buffer.from(network).readUInt32BE() : 0;
  const under = isShort && bits > 0 ? (0xffff_ffff << (32 - bits)) >>> 0 : 0;
  return () => {
    const { count } = space;
    if (calls.inNetwork(kindsAt, valuesAt, mask, out, count, first, under, isShort ? 1 : 0) === 0) return;
    for (let row = 0; row < count; row++) {
      const isOther = kinds[row]! > kind.text && memory[mask + row] === 1;
      if (isOther || memory[out + row] === 2) ask(row);
    }
  };
}
