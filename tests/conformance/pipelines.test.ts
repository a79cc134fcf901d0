import { runCase, saveCase } from "@vedette/core/pipeline-test";
import { describe, expect, it } from "vitest";
import { Traffic } from "../../cli/src/samples/traffic.ts";
import { casesOf, isParsed, parseLine, pipelinesOf } from "./support/plugin-cases.ts";
import { allPlugins, type FoundPlugin } from "./support/plugin-list.ts";

const parsers = allPlugins.filter(({ plugin }) => plugin.parse);
/** Rewrites the expectations; read the difference before it is committed. */
const update = process.env.VEDETTE_UPDATE === "1";

const ownerOf = (dataType: string): FoundPlugin =>
  parsers.find(({ plugin }) => plugin.parse?.dataTypes.includes(dataType)) as FoundPlugin;

describe.each(parsers)("pipelines of $folder", ({ folder, plugin }) => {
  const cases = casesOf(folder, plugin);
  const set = pipelinesOf(plugin);

  it("load without a warning, for the data types of the manifest", () => {
    expect(set.plan.warnings).toEqual([]);
    expect([...set.dataTypes].sort()).toEqual([...(plugin.parse?.dataTypes ?? [])].sort());
  });

  it("are tested", () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)("$name", (test) => {
    expect(test.readme.trim(), "README.md says where the lines come from").not.toBe("");
    expect(test.lines.length).toBeGreaterThan(0);
    const { found, failures } = runCase(test, set, test.dataType);
    if (update) saveCase(test, found);
    else expect(failures, "run `vedette test` for a readable difference").toEqual([]);
  });

  // Cases named `bad-...` hold what is cut or foreign on purpose.
  it("understand 99 of 100 lines", () => {
    const lines = cases
      .filter((test) => !test.name.startsWith("bad-"))
      .flatMap(({ dataType, lines }) => lines.map((line) => ({ dataType, line })));
    const failed = lines.filter(({ dataType, line }) => !isParsed(parseLine(set, dataType, line)));
    expect(failed.length / lines.length, failed.map(({ line }) => line).join("\n")).toBeLessThanOrEqual(0.01);
  });

  it("understand a line cut at every place without an error", () => {
    for (const { dataType, lines } of cases) {
      const line = lines[0] ?? "";
      for (let end = 0; end < line.length; end++) {
        const event = parseLine(set, dataType, line.slice(0, end));
        // A piece of a JSON object is no JSON, and the event says so.
        if (!line.startsWith("{")) expect(event?.errors, line.slice(0, end)).toBeUndefined();
      }
    }
  });
});

it("understand every line of the bundled samples", () => {
  const at = Date.UTC(2026, 0, 15, 11, 40);
  const types = {
    "nginx/access.log": "nginx",
    "auth.log": "sshd",
    "traefik/access.json": "traefik",
  } as const;
  const sets = new Map(Object.values(types).map((id) => [id, pipelinesOf(ownerOf(id).plugin)]));
  const failed: string[] = [];
  for (const { file, text } of new Traffic(7, 4).between(at, at + 20 * 60_000)) {
    const set = sets.get(types[file]);
    const event = set && parseLine(set, types[file], text);
    if (!isParsed(event) || (event?.eventType !== "auth.session.opened" && !event?.origin?.ip))
      failed.push(text);
  }
  expect(failed).toEqual([]);
});
