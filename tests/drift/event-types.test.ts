import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { allPlugins } from "../conformance/support/plugin-list.ts";

interface Written {
  readonly eventType: string;
  readonly by: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Every value that a part of a pipeline writes to `eventType`: `add`, `set`, a case of `switch`, a table. */
function eventTypesIn(part: unknown): string[] {
  if (!isObject(part)) return [];
  const { eventType, params, target, table } = part;
  const own: unknown[] = [eventType];
  if (isObject(params) && params.key === "eventType") own.push(params.value);
  if (target === "eventType" && isObject(table)) own.push(part.default, ...Object.values(table));
  return [
    ...own.filter((value): value is string => typeof value === "string"),
    ...Object.values(part).flatMap(eventTypesIn),
  ];
}

/** The event types that the built-in pipelines write. */
const written: readonly Written[] = allPlugins
  .filter(({ folder }) => !folder.startsWith("_"))
  .flatMap(({ plugin }) =>
    (plugin.parse?.pipelines ?? []).flatMap((file) =>
      eventTypesIn((parse(readFileSync(file, "utf8")) as { pipeline: unknown }).pipeline).map(
        (eventType) => ({
          eventType,
          by: plugin.id,
        }),
      ),
    ),
  );

/** The rows of the page's tables: type and writers. */
const documented: readonly Written[] = readFileSync(
  new URL("../../docs/reference/event-types.md", import.meta.url),
  "utf8",
)
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => /^`[a-z.]+`$/.test(cells[1] ?? ""))
  .flatMap((cells) =>
    (cells[5] ?? "").split(", ").map((by) => ({ eventType: (cells[1] ?? "").replaceAll("`", ""), by })),
  );

const keys = (rows: readonly Written[]) =>
  [...new Set(rows.map(({ eventType, by }) => `${eventType} by ${by}`))].sort();

describe("docs/reference/event-types.md", () => {
  it("lists what the pipelines write, and nothing else", () => {
    expect(keys(documented)).toEqual(keys(written));
  });

  it("is what rules speak of", () => {
    const known = new Set(documented.map((row) => row.eventType));
    const rules = allPlugins.flatMap(({ plugin }) => plugin.analyze?.rules ?? []);
    for (const file of rules) {
      const named =
        readFileSync(file, "utf8").match(/\b(?:access|auth|network|system)\.[a-z]+(?:\.[a-z]+)?\b/g) ?? [];
      for (const eventType of named) expect(known, file.pathname).toContain(eventType);
    }
  });
});
