import { hash } from "node:crypto";
import { holds, type Prefix, parsePrefix } from "@vedette/sdk";
import type { Listed } from "./blocklist.ts";

/** A decision in the form of CrowdSec's local API (localapi_swagger.yaml, definition `Decision`). */
export interface BouncerDecision {
  readonly duration: string;
  readonly id: number;
  readonly origin: string;
  readonly scenario: string;
  readonly scope: "Ip" | "Range";
  readonly type: "ban";
  readonly uuid: string;
  readonly value: string;
}

const origin = "vedette";

/** A duration as Go writes it: `3h59m12.5s`, negative for what has ended. */
export function goDuration(ms: number): string {
  const total = Math.abs(Math.trunc(ms));
  const [hours, minutes] = [Math.floor(total / 3_600_000), Math.floor((total % 3_600_000) / 60_000)];
  const parts = [
    ...(hours > 0 ? [`${hours}h`] : []),
    ...(hours > 0 || minutes > 0 ? [`${minutes}m`] : []),
    `${(total % 60_000) / 1_000}s`,
  ];
  return `${ms < 0 ? "-" : ""}${parts.join("")}`;
}

const lineOf = (reason: string): string =>
  reason
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, 200);

export const decisionOf = ({ id, target, until, reason }: Listed, now: number): BouncerDecision => ({
  duration: goDuration(until - now),
  // Of 48 bits, so that it is exact in JSON; the same for a run for ever.
  id: Number.parseInt(hash("sha256", id, "hex").slice(0, 12), 16),
  ...{
    origin,
    scenario: `vedette/${lineOf(reason)}`,
    scope: target.includes("/") ? "Range" : "Ip",
    type: "ban",
  },
  ...{ uuid: id, value: target },
});

/** What a bouncer asks for. Throws a TypeError with a sentence where an address is none. */
export function filterOf(query: URLSearchParams): (decision: BouncerDecision, range: Prefix) => boolean {
  const words = (name: string): string[] | undefined =>
    query
      .get(name)
      ?.split(",")
      .map((word) => word.trim().toLowerCase())
      .filter((word) => word !== "");
  const scope = query.get("scope")?.toLowerCase();
  const value = query.get("value");
  const place =
    query.get("ip") ??
    query.get("range") ??
    (/^(ip|range)$/.test(scope ?? "") && value !== null ? value : null);
  const asked = place === null ? undefined : parsePrefix(place);
  if (place !== null && !asked) throw new TypeError(`"${place.slice(0, 60)}" is no address and no range.`);
  const contains = query.get("contains") !== "false";
  const [types, origins, scopes] = [words("type"), words("origins"), words("scopes")];
  const [containing, without] = [words("scenarios_containing"), words("scenarios_not_containing")];
  const others = scope !== undefined && !/^(ip|range)$/.test(scope);
  return ({ scenario, scope: own }, range) => {
    const text = scenario.toLowerCase();
    if (others || (types && !types.includes("ban")) || (origins && !origins.includes(origin))) return false;
    if (scopes && scopes.length > 0 && !scopes.includes(own.toLowerCase())) return false;
    if (containing && !containing.some((word) => text.includes(word))) return false;
    if (without?.some((word) => text.includes(word))) return false;
    return asked === undefined || (contains ? holds(range, asked) : holds(asked, range));
  };
}
