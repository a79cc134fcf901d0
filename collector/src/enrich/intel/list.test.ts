import { compileCidr } from "@vedette/core/pipeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ListBuilder } from "./list.ts";
import { readList } from "./read.ts";
import { readValue, wantedOf } from "./value.ts";

const now = 1_000;

/** Few bits differ, so that networks often lie inside one another. */
const v4 = fc
  .tuple(fc.constantFrom(10, 203), fc.nat(1), fc.nat(3), fc.nat(255))
  .map((parts) => parts.join("."));
const v6 = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `2001:db8:${a}::${b}`);
const network = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
  fc.tuple(v6, fc.integer({ min: 0, max: 128 })),
);
const expiry = fc.constantFrom(0, 0, 500, 2_000);

describe("a list", () => {
  it("answers as a look at every entry does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(network, expiry), { maxLength: 40 }),
        fc.array(fc.oneof(v4, v6), { minLength: 1, maxLength: 20 }),
        (entries, asked) => {
          const builder = new ListBuilder();
          for (const [[address, prefix], expires] of entries)
            builder.add(readValue(`${address}/${prefix}`)!, expires);
          const list = builder.done();
          const living = entries
            .filter(([, expires]) => expires === 0 || expires > now)
            .map(([[address, prefix]]) => compileCidr(`${address}/${prefix}`)!);
          for (const address of asked)
            expect(list.has(wantedOf(address)!, now)).toBe(living.some((holds) => holds(address)));
        },
      ),
    );
  });

  it("finds a domain and what is below it, and nothing else", () => {
    const label = fc.constantFrom("a", "b", "evil", "example", "org");
    const name = fc
      .array(label, { minLength: 1, maxLength: 4 })
      .map((labels) => [...labels, "org"].join("."));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, expiry), { maxLength: 20 }), name, (entries, asked) => {
        const builder = new ListBuilder();
        for (const [entry, expires] of entries) builder.add(readValue(entry)!, expires);
        const held = entries.some(
          ([entry, expires]) =>
            (asked === entry || asked.endsWith(`.${entry}`)) && (expires === 0 || expires > now),
        );
        expect(builder.done().has(wantedOf(asked)!, now)).toBe(held);
      }),
    );
  });

  it("never fails on any text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 })),
        fc.constantFrom("text", "csv"),
        async (pieces, format) => {
          async function* all() {
            yield* pieces;
          }
          const read = await readList(all(), {
            format,
            column: 1,
            expiresColumn: 2,
            maxEntries: 100,
          } as const);
          expect(read.entries).toBeLessThanOrEqual(100);
        },
      ),
    );
  });

  it("holds a million entries in bounded memory and finds each", async () => {
    const count = 1_000_000;
    const address = (at: number) =>
      `${1 + (at >>> 18)}.${(at >>> 10) & 255}.${(at >>> 2) & 255}.${(at & 3) * 64}`;
    async function* lines() {
      for (let from = 0; from < count; from += 1_000) {
        let text = "";
        for (let at = from; at < from + 1_000; at++)
          text += at % 2 === 0 ? `${address(at)}/26\n` : `host-${at}.bad-${at % 977}.example\n`;
        yield Buffer.from(text);
      }
    }
    const { list, entries, unread } = await readList(lines(), {
      format: "text",
      column: 1,
      maxEntries: count,
    });
    expect({ entries, unread }).toEqual({ entries: count, unread: 0 });
    expect(list.sizes).toEqual({ networks: count / 2, hashes: 0, domains: count / 2 });
    // Half are networks of 9 bytes, half are domains of some 27 characters.
    expect(list.bytes).toBeLessThan(30 * 2 ** 20);
    for (let at = 0; at < count; at += 997) {
      const text =
        at % 2 === 0
          ? address(at).replace(/\d+$/, (last) => String(Number(last) + 63))
          : `www.host-${at}.bad-${at % 977}.example`;
      expect(list.has(wantedOf(text)!, now), text).toBe(true);
    }
    for (let at = 1; at < 10_000; at += 2) {
      expect(list.has(wantedOf(`host-${at + 1}.bad-${at % 977}.example`)!, now)).toBe(false);
      expect(list.has(wantedOf(`250.${at & 255}.${at >>> 8}.1`)!, now)).toBe(false);
    }
  });
});
