import { type BlockKernel, type BlockSlot, Code, type Label, type Local } from "../../../../kernels/index.ts";

export const textKind = 1;

/** Types of what a function over rows takes: how many rows there are, where their mask is, and where the mask is that it writes. */
export const takesRows = ["i32", "i32", "i32"] as const;

/** Writes a function over those rows of a block that a mask has. */
export class RowsCode {
  readonly code: Code;
  /** The row that is worked on. */
  readonly row: Local;
  readonly #byte: Local;

  /** `takes` says how many numbers the function takes, of which the first is how many rows there are. */
  constructor(kernel: Pick<BlockKernel, "lay">, takes: number = takesRows.length) {
    this.code = new Code(takes, (bytes) => kernel.lay(bytes));
    this.row = this.code.local("i32");
    this.#byte = this.code.local("i32");
  }

  /** The loop over the rows of the mask, sixteen by sixteen. */
  each(body: () => void): void {
    const { code } = this;
    const [mask, out] = [code.parameter(1), code.parameter(2)];
    const bits = code.local("i32");
    const ones = new Array<number>(16).fill(1);
    this.sixteens((first) => {
      code.get(out).get(first).op("i32Add").bytes16([]).store16();
      code.get(mask).get(first).op("i32Add").load16().bytes16(ones).wide("eq", "bitmask").set(bits);
      this.those(bits, first, body);
    });
  }

  /** A loop over all rows, sixteen by sixteen: the last ones may be more than there are. */
  sixteens(body: (first: Local) => void): void {
    const { code } = this;
    const count = code.parameter(0);
    const first = code.local("i32");
    code.block((end) => {
      code.loop((next) => {
        code.get(first).get(count).op("i32GeU").brIf(end);
        body(first);
        code.get(first).i32(16).op("i32Add").set(first).br(next);
      });
    });
  }

  /** A loop over those of sixteen rows from `first` on that have a bit, as far as there are so many rows. The bits are used up. */
  those(bits: Local, first: Local, body: () => void): void {
    const { code, row } = this;
    const count = code.parameter(0);
    code.get(first).i32(16).op("i32Add").get(count).op("i32GtU");
    code.if(() => {
      code.get(bits).i32(1).get(count).get(first).op("i32Sub", "i32Shl");
      code.i32(1).op("i32Sub", "i32And").set(bits);
    });
    code.block((none) => {
      code.loop((again) => {
        code.get(bits).op("i32Eqz").brIf(none);
        code.get(first).get(bits).op("i32Ctz", "i32Add").set(row);
        code.get(bits).get(bits).i32(1).op("i32Sub", "i32And").set(bits);
        body();
        code.br(again);
      });
    });
  }

  /** Sets the row in the mask that is written. */
  mark(): void {
    this.code.get(this.code.parameter(2)).get(this.row).op("i32Add").i32(1).at("i32Store8");
  }

  /** Leaves where the value of the row is, behind that of the first. */
  place(): Code {
    return this.code.get(this.row).i32(3).op("i32Shl");
  }

  /** Takes where the text of the row begins and ends. */
  read(slot: BlockSlot, at: Local, end: Local): void {
    this.place().at("i32Load", slot.valuesAt).set(at);
    this.place()
      .at("i32Load", slot.valuesAt + 4)
      .set(end);
  }

  /** Leaves whether the byte that is left is white space, as `trim` has it among ASCII. */
  #isBlank(): void {
    const { code } = this;
    code.tee(this.#byte).i32(32).op("i32Eq").get(this.#byte).i32(9).op("i32Sub").i32(4).op("i32LeU", "i32Or");
  }

  /** Takes white space off both ends; branches away where nothing is left. */
  trim(at: Local, end: Local, empty: Label): void {
    const { code } = this;
    code.loop((again) => {
      code.get(at).get(end).op("i32GeU").brIf(empty);
      code.get(at).at("i32Load8");
      this.#isBlank();
      code.if(() => code.get(at).i32(1).op("i32Add").set(at).br(again));
    });
    this.trimEnd(end);
  }

  /** Moves an end before the white space in front of it; there is something else before that. */
  trimEnd(end: Local): void {
    const { code } = this;
    const last = (): Code => code.get(end).i32(1).op("i32Sub").at("i32Load8");
    last().i32(33).op("i32LtU");
    code.if(() =>
      code.loop((again) => {
        last();
        this.#isBlank();
        code.if(() => code.get(end).i32(1).op("i32Sub").set(end).br(again));
      }),
    );
  }

  /** Moves a place behind the white space there; there is something else behind that. */
  passBlanks(at: Local): void {
    const { code } = this;
    code.get(at).at("i32Load8").i32(33).op("i32LtU");
    code.if(() =>
      code.loop((again) => {
        code.get(at).at("i32Load8");
        this.#isBlank();
        code.if(() => code.get(at).i32(1).op("i32Add").set(at).br(again));
      }),
    );
  }
}
