import { describe, expect, it } from "vitest";
import { type Entry, ExportReader } from "./export-reader.ts";
import { exportEntry } from "./testing/journal.ts";

const read = (bytes: Buffer, size: number, maxFieldBytes = 1_024): Entry[] => {
  const reader = new ExportReader(maxFieldBytes);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; at += size) entries.push(...reader.take(bytes.subarray(at, at + size)));
  return entries;
};

describe("the export format", () => {
  const bytes = Buffer.concat([
    exportEntry({ MESSAGE: "one", A: "=x=" }),
    exportEntry({ MESSAGE: "two\nlines\n\n", EMPTY: "", BIN: Buffer.from([0x61, 0xff]) }),
    Buffer.from("\n"),
    exportEntry({ MESSAGE: "é".repeat(3_000), LAST: "z" }),
  ]);

  it.each([1, 2, 3, 7, 8, 9, 64, 1_000_000])("is read in pieces of %i bytes", (size) => {
    const entries = read(bytes, size);
    expect(entries).toHaveLength(3);
    expect(entries[0]?.fields.get("A")).toBe("=x=");
    expect(Object.fromEntries(entries[1]?.fields ?? [])).toMatchObject({
      MESSAGE: "two\nlines\n\n",
      EMPTY: "",
      BIN: "a\ufffd",
    });
    expect(entries[1]?.flaw).toMatch(/UTF-8/);
    expect(entries[2]?.fields.get("MESSAGE")).toBe("é".repeat(512));
    expect(entries[2]?.fields.get("LAST")).toBe("z");
    expect(entries[2]?.flaw).toMatch(/cut at 1024/);
  });

  it("keeps every value of a field that occurs again", () => {
    const [entry] = read(Buffer.from("A=1\nA=2\nA=3\n\n"), 100);
    expect(entry?.fields.get("A")).toEqual(["1", "2", "3"]);
  });

  it("bounds what a hostile stream can hold", () => {
    const long = Buffer.concat([Buffer.from("A="), Buffer.alloc(5_000_000, 120), Buffer.from("\n\n")]);
    expect(read(long, 65_536)[0]?.fields.get("A")).toHaveLength(1_024);
    const many = Buffer.from(`${Array.from({ length: 3_000 }, (_, index) => `F${index}=1`).join("\n")}\n\n`);
    expect(read(many, 65_536)[0]?.fields.size).toBe(1_024);
    expect(() => read(Buffer.alloc(1_000, 120), 10)).not.toThrow();
    expect(() => read(Buffer.from(`${"x".repeat(1_000)}\n`), 10)).toThrow(/not the export format/);
    expect(() => read(Buffer.from("NAME\n\xff\xff\xff\xff\xff\xff\xff\xff", "latin1"), 10)).toThrow(
      /not the/,
    );
  });
});
