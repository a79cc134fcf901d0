import { manualClock } from "@vedette/sdk/testing";
import { describe, expect, it, vi } from "vitest";
import { batchesOf } from "../testing/fixture.ts";
import { TailBus, tailStream } from "./index.ts";

const [batch] = batchesOf(
  Array.from({ length: 3_000 }, (_, index) => ({
    id: `e${index}`,
    "@timestamp": "2026-01-01T00:00:00.000Z",
    dataType: "x",
    raw: `line ${index}`,
  })),
);

function open(matches: (raw: string) => boolean = () => true) {
  const clock = manualClock();
  const bus = new TailBus(clock);
  const control = new AbortController();
  const stream = tailStream({ bus, matches: (event) => matches(event.raw ?? ""), signal: control.signal });
  const reader = stream!.pipeThrough(new TextDecoderStream()).getReader();
  return { clock, bus, control, reader };
}

describe("a live tail", () => {
  it("sends what matches, and says how much was left out", async () => {
    const { bus, reader } = open((raw) => raw.endsWith("7"));
    expect((await reader.read()).value).toContain("retry:");
    bus.publish(batch!);
    const first = (await reader.read()).value!;
    expect(first.match(/^event: event$/gm)?.length).toBe(200);
    const second = (await reader.read()).value!;
    expect(second.match(/^event: event$/gm)?.length).toBe(100);
    bus.publish(batch!);
    const rest = `${(await reader.read()).value}`;
    expect(rest).toContain('event: dropped\ndata: {"count":1000}');
  });

  it("holds a bounded number of events for a slow reader", async () => {
    const { bus, clock, reader } = open();
    await reader.read();
    for (let i = 0; i < 5; i++) {
      bus.publish(batch!);
      clock.advance(1_000);
    }
    let text = "";
    while (!text.includes("event: dropped")) text += (await reader.read()).value;
    expect(text.match(/^event: event$/gm)!.length).toBeLessThanOrEqual(1_200);
    const dropped = Number(/"count":(\d+)/.exec(text)![1]);
    expect(dropped + text.match(/^event: event$/gm)!.length).toBe(15_000);
  });

  it("goes on after a clock was set back by an hour", () => {
    const clock = manualClock();
    const bus = new TailBus(clock);
    let shown = 0;
    bus.subscribe((events) => {
      shown += events.length;
    });
    bus.publish(batch!);
    bus.publish(batch!);
    expect(shown).toBe(5_000);
    clock.advance(-3_600_000);
    bus.publish(batch!);
    clock.advance(1_000);
    bus.publish(batch!);
    expect(shown).toBe(8_000);
  });

  it("ends with its client, and costs nothing then", async () => {
    const { bus, control, reader } = open();
    await reader.read();
    expect(bus.listeners).toBe(1);
    control.abort();
    expect((await reader.read()).done).toBe(true);
    expect(bus.listeners).toBe(0);
  });

  it("is given to a bounded number of clients", () => {
    const bus = new TailBus(manualClock());
    const stops = Array.from({ length: 33 }, () => bus.subscribe(() => {}));
    expect(stops.filter((stop) => stop === undefined).length).toBe(1);
    stops[0]!();
    expect(bus.subscribe(() => {})).toBeDefined();
  });

  it("shows that it is alive while nothing happens", async () => {
    vi.useFakeTimers();
    try {
      const { reader } = open();
      await reader.read();
      const next = reader.read();
      await vi.advanceTimersByTimeAsync(15_000);
      expect((await next).value).toBe(": still here\n\n");
    } finally {
      vi.useRealTimers();
    }
  });
});
