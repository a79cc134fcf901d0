import { builtin } from "@vedette/agent";
import { builtinRules, plugins as collectorPlugins } from "@vedette/collector";
import { expect, it } from "vitest";
import { allPlugins } from "../conformance/support/plugin-list.ts";

/** Folders whose name begins with an underscore are for people, not for programs. */
const shipped = allPlugins.filter(({ folder }) => !folder.startsWith("_")).map(({ plugin }) => plugin);
const texts = (files: readonly URL[]) => files.map(String).sort();

it("an agent runs the pipelines of every plugin", () => {
  expect(texts(builtin.pipelines())).toEqual(texts(shipped.flatMap(({ parse }) => parse?.pipelines ?? [])));
});

it("a collector runs the rules of every plugin", () => {
  expect(texts(builtinRules())).toEqual(texts(shipped.flatMap(({ analyze }) => analyze?.rules ?? [])));
});

it("a collector asks every enricher", () => {
  const ids = (list: readonly { id: string; enrich?: unknown }[]) =>
    list.filter((each) => each.enrich).map((each) => each.id);
  expect(ids(collectorPlugins).sort()).toEqual(ids(shipped).sort());
});
