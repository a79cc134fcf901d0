import { describe, expect, it } from "vitest";
import { alertsPerIncident, type Groupable, IncidentMemory } from "./memory.ts";

const none: ReadonlySet<string> = new Set();
const minute = 60_000;
const alert = (id: string, at: number, more: Partial<Groupable> = {}): Groupable => ({
  ...{
    id,
    tenantId: "t",
    raisedAt: at * minute,
    parentId: "",
    entities: ["ip:203.0.113.7"],
    eventIds: [`e-${id}`],
  },
  ...more,
});
const memory = (): IncidentMemory => new IncidentMemory(60 * minute);

describe("incidents", () => {
  it("take alerts of the same adversary within the window, from the last one on", () => {
    const of = memory().assign([alert("a", 0), alert("b", 60), alert("c", 120), alert("d", 180.1)], none);
    expect(of[1]).toBe(of[0]);
    expect(of[2]).toBe(of[0]);
    expect(of[3]).not.toBe(of[0]);
  });

  it("have the same names however often they are made", () => {
    const alerts = [alert("a", 0), alert("b", 1, { entities: ["user:eve"] }), alert("c", 2)];
    expect(memory().assign(alerts, none)).toEqual(memory().assign(alerts, none));
  });

  it("keep tenants and adversaries apart", () => {
    const of = memory().assign(
      [alert("a", 0), alert("b", 1, { tenantId: "u" }), alert("c", 2, { entities: ["ip:203.0.113.8"] })],
      none,
    );
    expect(new Set(of).size).toBe(3);
  });

  it("follow an adversary from address to user", () => {
    const of = memory().assign(
      [
        alert("a", 0, { entities: ["ip:203.0.113.7", "user:eve"] }),
        alert("b", 1, { entities: ["user:eve"] }),
        alert("c", 2, { entities: ["ip:203.0.113.9", "user:eve"] }),
        alert("d", 3, { entities: ["ip:203.0.113.9"] }),
      ],
      none,
    );
    expect(new Set(of).size).toBe(1);
  });

  it("follow a chain: the alert it goes under, or grew out of, whatever the time", () => {
    const first = alert("a", 0, { entities: ["host:web-1"] });
    const under = alert("b", 5_000, { entities: ["host:web-2"], parentId: "a" });
    const grown = alert("c", 9_000, { entities: ["host:web-3"], eventIds: ["x", "e-a", "e-c"] });
    expect(new Set(memory().assign([first, under, grown], none)).size).toBe(1);
  });

  it("take nothing once they are closed or full", () => {
    const of = memory();
    const [first] = of.assign([alert("a", 0)], none);
    const [second] = of.assign([alert("b", 1)], new Set([first!]));
    expect(second).not.toBe(first);
    expect(of.assign([alert("c", 2)], new Set([first!]))).toEqual([second]);
    const flood = Array.from({ length: alertsPerIncident }, (_, at) => alert(`f${at}`, 3));
    const names = new Set(of.assign(flood, none));
    expect(names.size).toBe(2);
  });

  it("stay within bounds", () => {
    const of = memory();
    const strangers = Array.from({ length: 120_000 }, (_, at) =>
      alert(`s${at}`, 0, { entities: [`ip:${at}`] }),
    );
    of.assign(strangers, none);
    expect(of.size).toBe(200_000);
  });
});
