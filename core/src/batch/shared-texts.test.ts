import type { Event } from "@vedette/sdk";
import { expect, it } from "vitest";
import { BatchBuilder, decodeBatch, keepRows, uuidv7 } from "./index.ts";
import { SharedTexts } from "./shared-texts.ts";

it("gives equal texts one number, and none to long ones or when all are given", () => {
  const texts = new SharedTexts();
  const numberOf = (text: string): number => {
    const bytes = Buffer.from(text);
    return texts.numberOf(bytes, 0, bytes.length);
  };
  const numbers = Array.from({ length: 16_384 }, (_, at) => numberOf(`text ${at}`));
  expect(new Set(numbers).size).toBe(16_384);
  expect(numberOf("text 7")).toBe(numbers[7]);
  expect(texts.text(numbers[7]!)).toBe("text 7");
  expect(numberOf("one more")).toBe(-1);
  expect(new SharedTexts().numberOf(Buffer.alloc(257, "a"), 0, 257)).toBe(-1);
});

it("keeps texts that have no number with each row", () => {
  const builder = new BatchBuilder("t", { rows: 1e4, bytes: 1e9 });
  const given = Array.from({ length: 40 }, (_, at): Event => {
    const dataSource = at % 3 === 0 ? `${"é".repeat(200)}${at % 2}` : `web-${at % 2}`;
    return { id: `e${at}`, "@timestamp": "2026-01-02T03:04:05.678Z", dataType: "t", dataSource };
  });
  for (const [at, event] of given.entries()) builder.append(event, { source: "f", offset: at, end: at + 1 });
  const batch = decodeBatch(builder.seal({ batchId: uuidv7(0), agentId: "a", epoch: 1, sequence: 1 }).frame);
  const rows = keepRows(batch, Uint32Array.from(given.keys()).reverse());
  const sources = given.map((_, place) => rows.event(place).dataSource);
  expect(sources).toEqual(given.map((each) => each.dataSource).reverse());
  expect(rows.bytes).toBeLessThan(10_000);
});
