import { type Event, event as eventSchema } from "@vedette/sdk";
import { expect, it } from "vitest";
import { casesOf, parseLine, pipelinesOf } from "../conformance/support/plugin-cases.ts";
import { allPlugins } from "../conformance/support/plugin-list.ts";
import { alertsOf } from "./support/engine.ts";
import { knownSamples } from "./support/known-samples.ts";

const samples = allPlugins.flatMap(({ folder, plugin }) => {
  const cases = casesOf(folder, plugin);
  if (cases.length === 0) return [];
  const pipelines = pipelinesOf(plugin);
  return cases.map(({ name, dataType, lines }) => ({
    name: `${folder}/${name.split("/").at(-1)}`,
    events: lines.flatMap((raw, index): Event[] => {
      const parsed = parseLine(pipelines, dataType, raw);
      return parsed ? [eventSchema.parse({ ...parsed, id: `${index + 1}`, dataType })] : [];
    }),
  }));
});

it.each(samples)("shipped rules find in the sample $name what is known", ({ name, events }) => {
  const found = new Map<string, string[]>();
  for (const { ruleId = "", lastEvent } of alertsOf(events))
    found.set(ruleId, [...(found.get(ruleId) ?? []), lastEvent?.id ?? ""]);
  const known = Object.keys(knownSamples[name] ?? {}).sort();
  expect([...found.keys()].sort(), JSON.stringify(Object.fromEntries(found))).toEqual(known);
});

it("every known sample exists", () => {
  const names = samples.map(({ name }) => name);
  expect(Object.keys(knownSamples).filter((name) => !names.includes(name))).toEqual([]);
});
