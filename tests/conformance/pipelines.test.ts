import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Traffic } from "../../cli/src/samples/traffic.ts";
import { caseProblems, casesOf, isParsed, parseLine, pipelinesOf, visible } from "./support/pipeline-case.ts";
import { allPlugins, type FoundPlugin } from "./support/plugin-list.ts";

const parsers = allPlugins.filter(({ plugin }) => plugin.parse);
/** Rewrites the expectations; read the difference before it is committed. */
const update = process.env.VEDETTE_UPDATE === "1";

const find = (id: string): FoundPlugin => parsers.find(({ plugin }) => plugin.id === id) as FoundPlugin;

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
    const found = test.lines.map((line) => visible(parseLine(set, test.dataType, line)));
    if (update) test.save(found);
    else {
      const problems = caseProblems(found, test);
      expect(problems.length === 0, `\n${problems.join("\n")}`).toBe(true);
    }
  });

  // Cases named `bad-...` hold what is cut or foreign on purpose.
  it("understand 99 of 100 lines", () => {
    const lines = cases.filter((test) => !test.name.startsWith("bad-")).flatMap((test) => test.lines);
    const failed = lines.filter((line) => !isParsed(parseLine(set, plugin.parse?.dataTypes[0] ?? "", line)));
    expect(failed.length / lines.length, failed.join("\n")).toBeLessThanOrEqual(0.01);
  });

  it("understand every line cut at every place without an error", () => {
    const line = cases[0]?.lines[0] ?? "";
    for (let end = 0; end < line.length; end++) {
      const event = parseLine(set, plugin.parse?.dataTypes[0] ?? "", line.slice(0, end));
      if (plugin.id !== "json" && plugin.id !== "traefik")
        expect(event?.errors, line.slice(0, end)).toBeUndefined();
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
  const sets = new Map(Object.values(types).map((id) => [id, pipelinesOf(find(id).plugin)]));
  const failed: string[] = [];
  for (const { file, text } of new Traffic(7, 4).between(at, at + 20 * 60_000)) {
    const set = sets.get(types[file]);
    const event = set && parseLine(set, types[file], text);
    if (!isParsed(event) || (event?.eventType !== "auth.session.opened" && !event?.origin?.ip))
      failed.push(text);
  }
  expect(failed).toEqual([]);
});

// Public log lines that are not part of this project; point the variable at a folder of `*.log` files.
const foreign = process.env.VEDETTE_TEST_LINES ?? "";
describe.skipIf(!foreign)("foreign lines", () => {
  const files = foreign && existsSync(foreign) ? readdirSync(foreign) : [];
  const families = [
    ["nginx", /^nginx-(?!proxy)/],
    ["apache", /^apache(2|-http|_log4j2)/],
    ["sshd", /^sshd?-/],
    ["traefik", /^traefik_base/],
  ] as const;
  it.each(families)("%s understands 99 of 100", (id, pattern) => {
    const { plugin } = find(id);
    const set = pipelinesOf(plugin);
    const lines = files
      .filter((file) => pattern.test(file))
      .flatMap((file) => readFileSync(join(foreign, file), "utf8").split("\n"))
      .filter((line) => line !== "");
    const failed = lines.filter((line) => !isParsed(parseLine(set, id, line)));
    expect(lines.length).toBeGreaterThan(5);
    expect(failed.length / lines.length, failed.slice(0, 20).join("\n")).toBeLessThanOrEqual(0.01);
  });
});
