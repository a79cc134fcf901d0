import fc from "fast-check";
import { expect, it } from "vitest";
import { Refusal } from "./answer.ts";
import { rowsOf } from "./rows.ts";
import type { Route } from "./settings.ts";

const pieces = fc.oneof(
  fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    '{"a":1}',
    '["x"]',
    '"y"',
    "null",
    " ",
    "é",
  ),
  fc.string({ maxLength: 8 }),
);
const bodies = fc
  .array(
    fc.oneof(
      pieces.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));
const formats = fc.constantFrom<Route["format"]>("auto", "json", "ndjson", "lines", "text");
const types = fc.constantFrom(
  undefined,
  "",
  "application/json",
  "application/x-ndjson",
  "text/plain",
  "image/png",
  ";;",
);

it("any body is its rows within the limits, or refused with a reason", () => {
  fc.assert(
    fc.property(bodies, formats, types, fc.integer({ min: 1, max: 30 }), (body, format, type, max) => {
      const limits = { maxRows: max, maxRowBytes: max };
      try {
        const rows = rowsOf(body, format, type, limits);
        expect(rows.length).toBeLessThanOrEqual(max);
        // A byte that is not UTF-8 becomes a character of three.
        for (const { raw } of rows) expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(3 * max);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect([400, 413, 415]).toContain(error.status);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("lines are those that a sender joined, whatever is inside", () => {
  const line = fc
    .string({ unit: "binary", minLength: 1, maxLength: 40 })
    .filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const rows = rowsOf(Buffer.from(lines.join("\n")), "lines", undefined, {
        maxRows: 100,
        maxRowBytes: 1_000,
      });
      expect(rows.map(({ raw }) => raw)).toEqual(lines);
    }),
  );
});
