import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Gather, type PackedKeys, plainGather, wasmGather } from "./gather.ts";

const wasm = wasmGather();

function gathered(gather: Gather, keys: PackedKeys, codes: Uint32Array): string {
  const parts: Buffer[] = [];
  gather(keys, codes, (bytes) => parts.push(Buffer.from(bytes)));
  return Buffer.concat(parts).toString("latin1");
}

function packed(keys: readonly string[]): PackedKeys {
  const ends = [0];
  for (const key of keys) ends.push(ends.at(-1)! + key.length);
  return { bytes: Buffer.from(keys.join(""), "latin1"), ends: Uint32Array.from(ends) };
}

const key = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat({ max: 70_000 }).map((length) => "k".repeat(length)) },
);

describe("gathering keys", () => {
  it("gives by WebAssembly and in plain TypeScript what joining them gives", () => {
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat({ max: 1_000 }), { maxLength: 200 }),
        (keys, picks) => {
          const codes = Uint32Array.from(picks, (pick) => pick % keys.length);
          const expected = Array.from(codes, (code) => keys[code]!).join("");
          expect(gathered(plainGather, packed(keys), codes) === expected).toBe(true);
          expect(gathered(wasm!, packed(keys), codes) === expected).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("takes any number of keys and codes", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `${i},`);
    const codes = Uint32Array.from({ length: 30_000 }, (_, i) => (i * 7) % 20_000);
    const expected = Array.from(codes, (code) => keys[code]!).join("");
    expect(gathered(wasm!, packed(keys), codes) === expected).toBe(true);
  });
});
