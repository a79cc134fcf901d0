import { existsSync, readFileSync } from "node:fs";
import { buildRegistry } from "@vedette/sdk";
import { manifestProblems, testDeps } from "@vedette/sdk/testing";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fieldOf, readTextQuery } from "../../collector/src/api/search/index.ts";
import { allPlugins } from "./support/plugin-list.ts";

describe.each(allPlugins)("plugin $folder", ({ folder, plugin }) => {
  it("keeps the contract of manifests", () => {
    expect(manifestProblems(plugin)).toEqual([]);
  });

  it("has the id of its folder", () => {
    expect(plugin.id).toBe(folder.replace(/^_/, ""));
  });

  it("names files that exist", () => {
    const files = [...(plugin.parse?.pipelines ?? []), ...(plugin.analyze?.rules ?? [])];
    expect(files.filter((file) => !existsSync(file)).map(String)).toEqual([]);
  });

  it("describes every setting", () => {
    const shape = (plugin.settings as { shape?: Record<string, { description?: string }> }).shape ?? {};
    for (const [key, field] of Object.entries(shape)) expect(field.description, key).toBeTruthy();
  });

  it("has texts in German that are German", () => {
    const { en, de } = plugin.locales;
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    expect(de.description).not.toBe(en.description);
  });

  it("shows and offers searches that can be read", () => {
    for (const { query } of [...(plugin.widgets ?? []), ...(plugin.views ?? [])])
      expect(readTextQuery(query, Date.now()).length).toBeGreaterThan(0);
    for (const each of plugin.widgets ?? []) if (each.kind === "top") fieldOf(each.field, "field", 0);
  });

  it("enriches only below a side, and says nothing of nonsense", async () => {
    if (!plugin.enrich) return;
    expect(plugin.enrich.to.length).toBeGreaterThan(0);
    const enricher = await plugin.enrich.open(plugin.settings.parse({}), testDeps());
    for (const value of ["", "-", "\u0000", "x".repeat(100_000), "__proto__", "{jndi:x}", "\u202e"]) {
      expect(enricher.lookup(value)).toBeUndefined();
    }
    expect(enricher.health?.().message).toBeTruthy();
    await enricher.close?.();
  });
});

it("all plugins fit together", () => {
  expect(buildRegistry(allPlugins.map(({ plugin }) => plugin)).size).toBe(allPlugins.length);
});

it("pattern names belong to their plugin, for all pipelines share them", () => {
  const camelCase = (id: string) => id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const owners = new Map<string, string>();
  for (const { plugin } of allPlugins) {
    const prefixes = [plugin.id, ...(plugin.parse?.dataTypes ?? [])].map(camelCase);
    for (const file of plugin.parse?.pipelines ?? []) {
      const { patterns = {} } = parse(readFileSync(file, "utf8")) as { patterns?: Record<string, string> };
      for (const name of Object.keys(patterns)) {
        expect(owners.get(name) ?? plugin.id, name).toBe(plugin.id);
        expect(
          prefixes.some((prefix) => name.startsWith(prefix)),
          name,
        ).toBe(true);
        owners.set(name, plugin.id);
      }
    }
  }
});

it("the page of plugins lists every folder", () => {
  const page = readFileSync(new URL("../../plugins/README.md", import.meta.url), "utf8");
  expect(allPlugins.map(({ folder }) => folder).filter((folder) => !page.includes(`\`${folder}\``))).toEqual(
    [],
  );
});
