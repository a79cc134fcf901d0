import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Manifest, packages, read, root } from "./repository.ts";

/** Licences that Apache-2.0 work may be shipped with, and data licences that ask for attribution at most. */
const compatible = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-4.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "PDDL-1.0",
  "Python-2.0",
  "Unlicense",
]);

/** What a package says in words of its own, read by us, with the licence that its files state. */
const inWords: Readonly<Record<string, string>> = {
  "SEE LICENSE IN ROUTEVIEWS-LICENSE and DBIP-LICENSE (CC-BY-4.0)": "CC-BY-4.0",
};

/** Reads an SPDX expression: every side of AND, one side of OR. */
const isCompatible = (expression: string): boolean =>
  expression
    .replace(/^\(|\)$/g, "")
    .split(/\s+OR\s+/)
    .some((side) =>
      side.split(/\s+AND\s+/).every((licence) => compatible.has(licence.replace(/[()]/g, "").trim())),
    );

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** Looks a dependency up the way Node does, from the real place of its user. */
const find = (name: string, from: string): string | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
};

/** Every package that a running Vedette may load, by name and version. */
const shipped = (): Map<string, string> => {
  const licences = new Map<string, string>();
  const visit = (folder: string, all: Manifest): void => {
    for (const name of Object.keys({ ...all.dependencies, ...all.optionalDependencies })) {
      const place = find(name, folder);
      // An optional dependency of another platform is not here.
      if (place === undefined) continue;
      const manifest = manifestIn(place);
      const key = `${manifest.name}@${manifest.version ?? "0"}`;
      if (licences.has(key)) continue;
      const licence = manifest.license ?? "none";
      licences.set(key, inWords[licence] ?? licence);
      visit(place, manifest);
    }
  };
  for (const name of packages.filter((each) => !["testkit", "tests", "benchmarks"].includes(each))) {
    visit(join(root, name), manifestIn(join(root, name)));
  }
  return licences;
};

describe("licences", () => {
  const all = [...shipped()].filter(([name]) => !name.startsWith("@vedette/"));

  it("are all compatible with ours", () => {
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(([, licence]) => !isCompatible(licence))).toEqual([]);
  });

  it("that ask for attribution are answered in NOTICE", () => {
    const notice = read("NOTICE");
    for (const [key] of all.filter(([, licence]) => licence.startsWith("CC-BY"))) {
      expect(notice).toContain(key.slice(0, key.lastIndexOf("@")));
    }
  });

  it("of the page's libraries are compatible too", () => {
    const bundled = ["preact", "@preact/signals"];
    for (const name of bundled) {
      const place = find(name, join(root, "collector"));
      expect(isCompatible(place === undefined ? "none" : (manifestIn(place).license ?? "none")), name).toBe(
        true,
      );
    }
  });
});
