import { parseIso } from "./iso.ts";
import type { Moment } from "./moment.ts";
import { compileParse, type ParseTime } from "./parse.ts";

/** Names that the `date` step has beside Go's: what other pipelines call the same. */
export const dateNames: readonly string[] = ["ISO8601", "UNIX", "UNIX_MS"];

const sameAs: Readonly<Record<string, string>> = { UNIX: "Unix", UNIX_MS: "UnixMilli" };

/** Compiles a Go layout or a name, `ISO8601`, `UNIX` and `UNIX_MS` included. */
export function compileDate(layout: string): ParseTime {
  if (layout === "ISO8601") return (text, _near, zone): Moment | undefined => parseIso(text, zone);
  return compileParse(Object.hasOwn(sameAs, layout) ? sameAs[layout]! : layout);
}
