import type { Alert } from "@vedette/sdk";
import { expect, it } from "vitest";
import { Releases } from "./releases.ts";

const minute = 60_000;

it("lets hidden alerts go at once, of a flood sixty a minute and then the last one", () => {
  const released: (string | undefined)[] = [];
  const releases = new Releases();
  releases.tell({ release: ({ id }) => released.push(id), closeAlert: () => undefined });
  const alert = (id: string): Alert => ({
    id,
    ruleId: "1",
    deduplicateBy: ["adversary.ip"],
    entities: ["ip:192.0.2.1"],
  });
  for (let at = 0; at < 1_000; at++) releases.hidden(alert(`a${at}`), at);
  expect(released).toHaveLength(60);
  releases.tick(minute - 1);
  expect(released).toHaveLength(60);
  releases.tick(minute);
  expect(released.slice(60)).toEqual(["a999"]);
  releases.hidden(alert("b"), minute + 1);
  expect(released.at(-1)).toBe("b");
  // What repeats nothing has nothing to be let go.
  releases.hidden({ id: "c", ruleId: "1" }, minute + 1);
  expect(released.at(-1)).toBe("b");
});
