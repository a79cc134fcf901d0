import fc from "fast-check";
import { expect, it } from "vitest";
import { Blocks } from "../blocks.ts";
import { EntryRoom, MemberEntries } from "./member-entries.ts";

interface Entry {
  readonly time: number;
  readonly id: number;
}

const step = fc.record({
  list: fc.integer({ min: 0, max: 3 }),
  time: fc.integer({ min: 0, max: 40 }),
  id: fc.integer({ min: 0, max: 5 }),
  what: fc.constantFrom("add", "add", "add", "add", "add", "add", "drop", "drop all", "close", "move"),
});

it("keeps what plain lists keep, whatever leaves and wherever it is moved to", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 300 }), (steps) => {
      const room = new EntryRoom();
      const own = Array.from({ length: 4 }, () => new MemberEntries(room));
      const plain: Entry[][] = own.map(() => []);
      for (const [number, { list, time, id, what }] of steps.entries()) {
        const entries = own[list]!;
        const kept = plain[list]!;
        if (what === "add") {
          const isThere = kept.some((each) => each.time === time && each.id === id);
          expect(entries.add(time, id, number)).toBe(!isThere);
          const place = kept.filter((each) => each.time <= time).length;
          if (!isThere) kept.splice(place, 0, { time, id });
        } else if (what === "drop") {
          const count = Math.min(kept.length, time % 4);
          entries.head += count;
          kept.splice(0, count);
        } else if (what === "drop all") {
          entries.head = entries.end;
          kept.length = 0;
        } else if (what === "close") {
          entries.close();
          kept.length = 0;
        } else {
          const blocks = new Blocks(3, room.blocks.taken);
          for (const each of own) each.move(blocks);
          room.blocks = blocks;
        }
        for (const [at, each] of own.entries()) {
          const places = Array.from({ length: each.size }, (_, i) => each.head + i);
          expect(places.map((place) => each.time(place))).toEqual(plain[at]!.map((one) => one.time));
        }
        expect(entries.from(time) - entries.head).toBe(kept.filter((each) => each.time < time).length);
        expect(entries.after(time) - entries.head).toBe(kept.filter((each) => each.time <= time).length);
      }
    }),
    { numRuns: 200 },
  );
});
