import { BatchBuilder, decodeBatch, uuidv7 } from "@vedette/core/batch";
import { expect, it } from "vitest";
import { Bodies, EventRef } from "./bodies.ts";
import { Remembered } from "./remembered.ts";
import { RowHeads } from "./row-heads.ts";

it("shows the event of a number that was given anew within a batch", () => {
  const builder = new BatchBuilder("t", { rows: 100, bytes: 1 << 20 });
  for (let row = 0; row < 9; row++) {
    const event = {
      id: `e${row}`,
      "@timestamp": "2026-01-02T03:04:05.000Z",
      dataType: "t",
      raw: `line ${row}`,
    };
    builder.append(event, { source: "f", offset: row, end: row + 1 });
  }
  const batch = decodeBatch(builder.seal({ batchId: uuidv7(0), agentId: "a", epoch: 1, sequence: 0 }).frame);
  const heads = new RowHeads(batch);
  const events = new Remembered();
  const bodies = new Bodies({ bodyBytes: 1 << 20, bodies: 10 }, events);
  const remember = (row: number): number => {
    const ref = EventRef.ofRow(heads, row);
    const event = events.add(ref);
    bodies.add(event, ref);
    return event;
  };
  const first = remember(3);
  const second = remember(5);
  bodies.release(first);
  events.free(first);
  expect(remember(7)).toBe(first);
  bodies.settle();
  batch.free();
  expect([second, first].map((event) => bodies.event(event).raw)).toEqual(["line 5", "line 7"]);
  expect([second, first].map((event) => events.id(event))).toEqual(["e5", "e7"]);
});
