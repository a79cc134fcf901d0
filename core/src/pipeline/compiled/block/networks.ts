import type { BlockSlot } from "../../../kernels/index.ts";
import { networkOf } from "../../cel/net.ts";
import { type BlockSpace, kind, rows } from "./space.ts";

/** Masks of rows that are asked and of the answers, and the network in CIDR notation. */
interface Question {
  readonly mask: number;
  readonly out: number;
  readonly cidr: string;
}

/** Puts a question behind the work: whether texts are addresses in a network: those of IPv4 by a kernel, all else row by row. */
export function inNetwork(
  space: BlockSpace,
  { kindsAt, valuesAt, kinds }: BlockSlot,
  { mask, out, cidr }: Question,
  ask: (row: number) => void,
): void {
  const { memory } = space.kernel;
  const { network, bits } = networkOf(cidr)!;
  const isShort = network.length === 4;
  const first = isShort ? Buffer.from(network).readUInt32BE() : 0;
  const under = isShort && bits > 0 ? (0xffff_ffff << (32 - bits)) >>> 0 : 0;
  const left = (): void => {
    for (let row = 0; row < space.count; row++) {
      const isOther = kinds[row]! > kind.text && memory[mask + row] === 1;
      if (isOther || memory[out + row] === 2) ask(row);
    }
  };
  const numbers = [kindsAt, valuesAt, mask, out, rows, first, under, isShort ? 1 : 0] as const;
  space.when({ kernel: "inNetwork", numbers }, () => space.work.push(left));
}
