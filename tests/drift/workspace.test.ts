import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeOptions } from "../../scripts/bootstrap/launch.mjs";
import { NODE_VERSION, nodeIsCurrent } from "../../scripts/bootstrap/versions.mjs";
import { type Manifest, packages, read, readJson, root } from "./repository.ts";

interface Tsconfig {
  readonly references?: readonly { readonly path: string }[];
}

const built = packages.filter((name) => existsSync(join(root, name, "tsconfig.json")));
const manifest = (name: string): Manifest => readJson(`${name}/package.json`);
const ours = (dependencies: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(dependencies)
    .filter((name) => name.startsWith("@vedette/"))
    .map((name) => name.slice("@vedette/".length))
    .sort();

describe("the workspace", () => {
  it.each(built)("keeps the project references of %s equal to its dependencies", (name) => {
    const { references = [] } = readJson<Tsconfig>(`${name}/tsconfig.json`);
    expect(references.map(({ path }) => path.replace("../", "")).sort()).toEqual(
      ours(manifest(name).dependencies),
    );
  });

  it("builds from the root every package that ships", () => {
    const { references = [] } = readJson<Tsconfig>("tsconfig.json");
    expect(references.map(({ path }) => path).sort()).toEqual(
      built.filter((name) => name !== "testkit").sort(),
    );
  });

  it.each(packages)("takes every version in %s from the workspace or its catalog", (name) => {
    const { dependencies, devDependencies } = manifest(name);
    for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, dependency).toBe(dependency.startsWith("@vedette/") ? "workspace:*" : "catalog:");
    }
  });

  it.each(packages)("declares in %s only what it uses, and is not published by accident", (name) => {
    expect(readJson(`${name}/package.json`)).toMatchObject({
      name: `@vedette/${name}`,
      private: true,
      license: "Apache-2.0",
      type: "module",
    });
  });

  it("starts the command with the same options from the launcher and from the bootstrap", () => {
    const line = read("vedette")
      .split("\n")
      .find((each) => each.includes('exec "$node"'));
    expect(line?.trim()).toBe(`exec "$node" ${nodeOptions.join(" ")} "$root/cli/src/main.ts" "$@"`);
  });

  it("bootstraps a Node that its own rule accepts, and refuses older ones", () => {
    expect(nodeIsCurrent(NODE_VERSION)).toBe(true);
    expect(nodeIsCurrent("24.11.0")).toBe(true);
    expect(nodeIsCurrent("26.0.0")).toBe(true);
    expect(nodeIsCurrent("24.10.9")).toBe(false);
    expect(nodeIsCurrent("20.20.2")).toBe(false);
  });
});
