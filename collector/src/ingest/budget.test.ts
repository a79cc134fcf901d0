import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";

describe("the budget of bytes", () => {
  it("pauses whoever goes over, and wakes each once when there is room", () => {
    const budget = new Budget(100);
    const woken: string[] = [];
    const a = () => woken.push("a");
    const b = () => woken.push("b");
    expect(budget.take(60, a)).toBe(true);
    expect(budget.take(60, b)).toBe(false);
    expect(budget.take(10, a)).toBe(false);
    budget.give(20);
    expect(woken).toEqual([]);
    budget.give(60);
    expect(woken).toEqual(["b", "a"]);
    budget.give(50);
    expect(woken).toEqual(["b", "a"]);
    expect(budget.used).toBe(0);
  });

  it("takes one batch even if it is larger than the limit, and forgets who left", () => {
    const budget = new Budget(100);
    const woken: string[] = [];
    const gone = () => woken.push("gone");
    expect(budget.take(500, gone)).toBe(false);
    budget.leave(gone);
    budget.give(500);
    expect(woken).toEqual([]);
  });
});
