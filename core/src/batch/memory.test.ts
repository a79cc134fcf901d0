import { describe, expect, it } from "vitest";
import { giveMemory, takeMemory } from "./memory.ts";

describe("memory", () => {
  it("is used again, once per gift", () => {
    const first = takeMemory(5_000);
    expect(first.length).toBe(8_192);
    giveMemory(first);
    expect(takeMemory(8_192)).toBe(first);
    expect(takeMemory(8_192)).not.toBe(first);
  });

  it("is kept only up to a bound, and only where it is whole", () => {
    const large = Array.from({ length: 10 }, () => takeMemory(2 << 20));
    for (const each of large) giveMemory(each);
    const again = Array.from({ length: 10 }, () => takeMemory(2 << 20));
    expect(again.filter((each) => large.includes(each))).toHaveLength(6);
    const part = takeMemory(16_384).subarray(0, 8_192);
    giveMemory(part);
    expect(takeMemory(8_192).buffer).not.toBe(part.buffer);
  });
});
