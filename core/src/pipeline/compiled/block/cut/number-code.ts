import type { Code, Local } from "../../../../kernels/index.ts";

const numberKind = 2;
/** Longest text that is made a number; longer ones are left to the kernel. */
const mostDigits = 7;
const twice = 0x1_0000_0001n;
const zeros = twice * 0x3030_3030n;
const highs = twice * 0xf0f0_f0f0n;
const sixes = twice * 0x0606_0606n;
const threes = twice * 0x3333_3333n;
const pairs = twice * 0xffn;
const left = (1_000_000n << 32n) | 100n;
const right = (10_000n << 32n) | 1n;

/** Puts the number in place of the text at a place where that is a few digits: as `digits` of `assembly/shared/block-changes.ts` does. */
export function keepNumber(code: Code, at: Local, end: Local, value: Local, kind: Local): void {
  const [bits, digits, tens] = [code.local("i64"), code.local("i64"), code.local("i64")];
  code.get(end).get(at).op("i32Sub").i32(1).op("i32Sub").i32(mostDigits).op("i32LtU");
  code.if(() => {
    code.get(end).get(at).op("i32Sub").i32(3).op("i32Shl", "i64Extend").set(bits);
    code.get(at).at("i64Load").i64(64n).get(bits).op("i64Sub", "i64Shl");
    code.i64(zeros).get(bits).op("i64ShrU", "i64Or").set(digits);
    code.get(digits).i64(highs).op("i64And");
    code.get(digits).i64(sixes).op("i64Add").i64(highs).op("i64And").i64(4n).op("i64ShrU", "i64Or");
    code.i64(threes).op("i64Eq");
    code.if(() => {
      code.get(digits).i64(zeros).op("i64Sub").set(digits);
      code.get(digits).i64(10n).op("i64Mul").get(digits).i64(8n).op("i64ShrU", "i64Add").set(tens);
      code.get(tens).i64(pairs).op("i64And").i64(left).op("i64Mul");
      code.get(tens).i64(16n).op("i64ShrU").i64(pairs).op("i64And").i64(right).op("i64Mul", "i64Add");
      code.i64(32n).op("i64ShrU", "f64Convert", "i64Reinterpret").set(value);
      code.i32(numberKind).set(kind);
    });
  });
}
