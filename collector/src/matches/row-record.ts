import {
  type Batch,
  ByteReader,
  ByteWriter,
  batchHeader,
  copyRows,
  freeBytes,
  openBody,
} from "@vedette/core/batch";
import { schemaVersion } from "@vedette/sdk";
import { z } from "zod";
import type { Match } from "../detect/index.ts";
import { head as anyHead, Names, named, newer, targetBytes } from "./parts.ts";

const place = z.int().min(0);

/**
 * The first line. A shape is what a match is remembered for and which rules it asks, as two lists of numbers of names: few differ.
 * Behind the line come `placeBytes` of places: for each row the number of its shape, the number of its routes, and these, as
 * LEB128 and 32 bits each; then the rows as the body of a batch, to the end.
 */
const head = anyHead.extend({
  shapes: z.array(z.tuple([z.array(place), z.array(place)])).max(100_000),
  placeBytes: place,
  header: z.unknown(),
});

/** Makes records of matches that are rows of one batch, in their order. */
export function rowRecords(batch: Batch, matches: readonly Match[], partitions: number): Buffer[] {
  const rows = new Uint32Array(matches.length);
  for (const [at, { subject }] of matches.entries()) rows[at] = subject.kind === "row" ? subject.row : 0;
  const { header, body } = copyRows(batch, rows);
  if (body.length > targetBytes && matches.length > 1) {
    const half = matches.length >>> 1;
    const halves = [matches.slice(0, half), matches.slice(half)];
    return halves.flatMap((some) => rowRecords(batch, some, partitions));
  }
  const names = new Names();
  const shapes = new Map<string, number>();
  const lists: [number[], number[]][] = [];
  const places = new ByteWriter(matches.length * 6);
  for (const { remember, ask, routes } of matches) {
    const shape = `${joined(remember)}|${joined(ask)}`;
    let number = shapes.get(shape);
    if (number === undefined) {
      number = shapes.size;
      shapes.set(shape, number);
      lists.push([names.numbers(remember), names.numbers(ask)]);
    }
    places.varint(number);
    places.varint(routes.length);
    for (const route of routes) places.u32(route);
  }
  const placeBytes = places.length;
  const first = JSON.stringify({ v: 2, partitions, names: names.all, shapes: lists, placeBytes, header });
  const record = Buffer.concat([Buffer.from(`${first}\n`), places.view(), body]);
  freeBytes(body);
  return [record];
}

/** One text for a list, unambiguous whatever its texts hold. */
function joined(list: readonly string[]): string {
  let text = "";
  for (const each of list) text += `${each.length}:${each}`;
  return text;
}

/** Reads what `rowRecords` made: its first line and the rest. Throws where it did not, and where a later version did. */
export function readRows(first: unknown, rest: Buffer): { matches: Match[]; partitions: number } {
  const { partitions, names, shapes, placeBytes, header: about } = head.parse(first);
  const schema = (about as { schema?: unknown } | null)?.schema;
  if (typeof schema === "number" && schema > schemaVersion)
    throw newer(`event schema ${schema}`, schemaVersion);
  const header = batchHeader.parse(about);
  if (header.codec !== "none" || placeBytes + header.bodyBytes !== rest.length)
    throw new RangeError(`it has ${rest.length} bytes where its head says otherwise`);
  const body = rest.subarray(placeBytes);
  const batch = openBody(header, body);
  const known = shapes.map(([remember, ask]) => ({
    remember: named(remember, names),
    ask: named(ask, names),
  }));
  const reader = new ByteReader(rest, 0, placeBytes);
  const matches: Match[] = [];
  for (let row = 0; row < header.rows; row++) {
    const shape = known[reader.varint()];
    if (!shape) throw new RangeError(`row ${row} has no shape`);
    const count = reader.varint();
    reader.need(count * 4);
    const routes: number[] = [];
    for (let i = 0; i < count; i++) routes.push(reader.u32());
    matches.push({ subject: { kind: "row", batch, row }, ...shape, routes });
  }
  if (reader.offset !== reader.end) throw new RangeError("it has more places than rows");
  return { matches, partitions };
}
