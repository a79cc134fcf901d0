import type { Event } from "@vedette/sdk";
import { limits } from "../limits.ts";
import { badParameter } from "../problem.ts";
import type { Binder } from "./bind.ts";
import type { Linked } from "./condition.ts";

/** The filter of events of an asset. It is no field: `assetId` is what was known when an event was stored. */
const name = "asset";

/** Names by which events find an asset now, lower case. */
export type NamesOf = (assetId: string) => readonly string[];

/** Reads `asset:plugin/id` or `asset:neq:plugin/id`; undefined for another filter. */
export function readLinked(text: string, namesOf: NamesOf): Linked | undefined {
  if (!text.startsWith(`${name}:`)) return undefined;
  const rest = text.slice(name.length + 1);
  const negated = rest.startsWith("neq:");
  const assetId = negated ? rest.slice(4) : rest.replace(/^eq:/, "");
  if (assetId === "" || assetId.length > 300)
    throw badParameter("filter", "The filter names no asset.", { cure: "Write asset:plugin/id." });
  return { kind: "linked", assetId, names: namesOf(assetId).slice(0, limits.assetNames), negated };
}

/** Where an event says whom it is about, as at ingest. */
const places = ["`target.host`", "dataSource", "`target.ip`"] as const;

/** An event that was linked when it was stored stays with that asset; others are linked by what is known now. */
export function linkedSql({ assetId, names }: Linked, bind: Binder): string {
  const is = `assetId = ${bind.text(assetId)}`;
  if (names.length === 0) return is;
  const list = bind.add("Array(String)", names);
  return `(${is} OR (assetId = '' AND (${places.map((each) => `lower(${each}) IN ${list}`).join(" OR ")})))`;
}

/** The same for an event that is just passing. */
export function linkedCheck({ assetId, names }: Linked): (event: Event) => boolean {
  const known = new Set(names);
  return ({ assetId: linked = "", target, dataSource }) =>
    linked === assetId ||
    (linked === "" &&
      [target?.host, dataSource, target?.ip].some(
        (each) => each !== undefined && known.has(each.toLowerCase()),
      ));
}
