import fc from "fast-check";
import { expect, it } from "vitest";
import { Dictionary } from "./dictionary.ts";

const texts = fc.array(fc.string({ maxLength: 12 }), { maxLength: 400 });

it("gives keys in the order of coming, whatever was in the tables that it was lent", () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), (batches) => {
      for (const batch of batches) {
        const dictionary = new Dictionary();
        const known = new Map([["", 0]]);
        for (const text of batch) {
          const usual = Buffer.from(text).toString();
          if (!known.has(usual)) known.set(usual, known.size);
          expect(dictionary.key(text)).toBe(known.get(usual));
        }
        expect(dictionary.size).toBe(known.size);
        for (const [text, key] of known) expect(Buffer.from(dictionary.text(key)).toString()).toBe(text);
        dictionary.release();
      }
    }),
  );
});
