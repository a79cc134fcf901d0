import type { Findings } from "../findings.ts";
import type { IconSpec } from "../spec/model.ts";
import { type Change, changesBetween } from "./changes.ts";

type Version = readonly [major: number, minor: number, patch: number];

/** Whether the version of a spec moved as far as its changes since an older version ask. */
export function checkBump(old: IconSpec, now: IconSpec, findings: Findings): void {
  const changes = changesBetween(old, now);
  checkConnectionVersion(old, now, changes, findings);
  const [from, to] = [versionOf(old), versionOf(now)];
  const node = now.source.entries.get("version")?.value;
  const place = node?.place ?? now.source.place;
  if (!from || !to) return;
  const moved = step(from, to);
  const told = (rule: "bump.major" | "bump.minor", wanted: Version): void => {
    const size = rule === "bump.major" ? "major" : "minor";
    const reasons = changes.filter((change) => change.size === size);
    for (const { place: at, path, what } of reasons)
      findings.add(
        rule,
        at,
        path,
        `This asks for a new ${size} version: ${what}.`,
        `Version ${wanted.join(".")}.`,
      );
  };
  if (changes.some(({ size }) => size === "major") && moved !== "major")
    told("bump.major", [from[0] + 1, 0, 0]);
  else if (changes.length > 0 && moved !== "major" && moved !== "minor")
    told("bump.minor", [from[0], from[1] + 1, 0]);
  else if (moved === "back")
    findings.add("bump.back", place, "version", `${now.version} is older than ${old.version}.`);
  if (moved === "major" && (to[1] !== 0 || to[2] !== 0))
    findings.add("bump.reset", place, "version", `A new major version is ${to[0]}.0.0.`);
  if (moved === "minor" && to[2] !== 0)
    findings.add("bump.reset", place, "version", `A new minor version is ${to[0]}.${to[1]}.0.`);
}

function versionOf({ version }: IconSpec): Version | undefined {
  const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version);
  return parts ? [Number(parts[1]), Number(parts[2]), Number(parts[3])] : undefined;
}

function step(from: Version, to: Version): "major" | "minor" | "patch" | "none" | "back" {
  for (const [index, name] of (["major", "minor", "patch"] as const).entries()) {
    const [a, b] = [from[index]!, to[index]!];
    if (b > a) return name;
    if (b < a) return "back";
  }
  return "none";
}

function checkConnectionVersion(
  old: IconSpec,
  now: IconSpec,
  changes: readonly Change[],
  findings: Findings,
): void {
  const numberOf = (spec: IconSpec): number | undefined => {
    const node = spec.source.entries.get("connection_version")?.value;
    return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
  };
  const [before, after] = [numberOf(old), numberOf(now)];
  const changed = changes.some(({ ofConnection }) => ofConnection);
  if (!now.connection || changed === (before !== after)) return;
  const entry = now.source.entries.get("connection_version") ?? now.source.entries.get("connection");
  const place = entry?.place ?? now.source.place;
  const message = changed
    ? "The connection has changed, its version has not."
    : "The connection has not changed, its version has.";
  const suggestion = changed ? `Write ${(before ?? 0) + 1}.` : `Write ${before ?? 1}.`;
  findings.add("bump.connection_version", place, "connection_version", message, suggestion);
}
