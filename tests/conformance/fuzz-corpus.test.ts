import { describe, expect, it } from "vitest";
import { corpusOf } from "../fuzz/corpus.ts";
import { targets } from "../fuzz/targets/index.ts";

// What the fuzzer kept (tests/fuzz/run.ts): inputs that once reached something new, and everything that broke something.
describe.each(Object.entries(targets))("the fuzz corpus of %s", (name, load) => {
  it("is replayed without a finding", { timeout: 240_000 }, async () => {
    const target = await load();
    const inputs = [...target.seeds(), ...corpusOf(name)];
    expect(inputs.length).toBeGreaterThan(10);
    for (const input of inputs) {
      try {
        await target.run(input);
      } catch (error) {
        throw new Error(`An input of ${name} broke: ${input.toString("base64").slice(0, 2_000)}`, {
          cause: error,
        });
      }
    }
    await target.close?.();
  });
});
