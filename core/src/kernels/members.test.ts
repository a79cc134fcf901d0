import { describe, expect, it } from "vitest";
import { MemberKernel } from "./members.ts";

const kernel = MemberKernel.open()!;
const keys = ["level", "n", "a key of more than sixteen bytes", "ok"];
const line = (level: string, n: string, long: string, ok: string): string =>
  `{"level":${level},"n":${n},"a key of more than sixteen bytes":${long},"ok":${ok}}`;

/** The values that are read; undefined where the line is refused. */
function read(text: string): unknown[] | undefined {
  const bytes = Buffer.from(`before${text}"behind`);
  if (!kernel.read(bytes, 6, bytes.length - 7)) return undefined;
  return keys.map((_, at) => {
    const kind = kernel.kinds[at]!;
    if (kind === 2) return kernel.numbers[at];
    const [from, to] = [kernel.bounds[at * 2]!, kernel.bounds[at * 2 + 1]!].map((it) => it - kernel.base + 6);
    return kind === 1 ? bytes.toString("latin1", from, to) : [true, false, null][kind - 3];
  });
}

describe("flat objects with the keys that are expected", () => {
  it.each([
    ['"info"', "7", `"${"x".repeat(40)}"`, "true"],
    ['""', "-12", '"/path?q=1 \u007f"', "false"],
    ["null", "123456789012345", '"sixteen bytes .."', "0"],
    ["false", "-0", "null", '"last"'],
  ])("give their values: %s %s %s %s", (...values) => {
    kernel.expect(keys);
    const text = line(...(values as [string, string, string, string]));
    expect(read(text)).toEqual(Object.values(JSON.parse(text)));
  });

  it.each([
    ["an escape", line('"a\\n"', "1", "1", "1")],
    ["a control", line('"a\tb"', "1", "1", "1")],
    ["a character beyond ASCII", line('"é"', "1", "1", "1")],
    ["a fraction", line("1", "1.5", "1", "1")],
    ["a number of 16 digits", line("1", "1234567890123456", "1", "1")],
    ["a number that begins with a zero", line("1", "01", "1", "1")],
    ["no digits", line("1", "-", "1", "1")],
    ["a nested value", line("1", "[1]", "1", "1")],
    ["a word that is none", line("1", "1", "1", "trux")],
    ["a word that is cut", line("1", "1", "1", "fals")],
    ["a space", line("1", " 1", "1", "1")],
    ["another key", line("1", "1", "1", "1").replace("level", "lovel")],
    ["another long key", line("1", "1", "1", "1").replace("bytes", "bites")],
    ["a key more", line("1", "1", "1", '1,"x":1')],
    ["a key less", '{"level":1,"n":1}'],
    ["an open text", '{"level":"1,"n"}'],
    ["no end", line("1", "1", "1", "1").slice(0, -1)],
    ["nothing", ""],
  ])("are refused with %s", (_, text) => {
    kernel.expect(keys);
    expect(read(text)).toBeUndefined();
  });

  it("are refused where keys or lines are too many bytes", () => {
    kernel.expect(Array.from({ length: 257 }, (_, at) => `${at}`));
    expect(read(line("1", "1", "1", "1"))).toBeUndefined();
    kernel.expect([...keys.slice(0, 3), "k".repeat(9_000)]);
    expect(read(line("1", "1", "1", "1"))).toBeUndefined();
    kernel.expect(keys);
    expect(read(line(`"${"x".repeat(17_000)}"`, "1", "1", "1"))).toBeUndefined();
  });
});
