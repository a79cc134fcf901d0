import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { iconRules } from "../rules.ts";
import { checkSpec } from "./check.ts";

const dir = mkdtempSync(join(tmpdir(), "vedette-icon-check-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
const file = (text: string): string => {
  const path = join(dir, `${files++}.yaml`);
  writeFileSync(path, text);
  return path;
};

const good = `plugin_spec_version: v2
extension: plugin
products: [insightconnect]
name: my_plugin
title: My Plugin
description: Does things
version: 1.2.3
connection_version: 4
supported_versions: [all]
vendor: us
support: community
status: []
tags: [one, two]
hub_tags: { use_cases: [devops] }
resources: { source_url: x }
version_history: ["1.2.3 - Now"]
connection:
  url: { title: URL, description: Where, type: string, required: true, example: x }
actions:
  get_it:
    title: Get It
    description: Gets it
    input:
      id: { title: ID, description: Which, type: string, required: true, example: x }
      more: { title: More, description: Rest, type: boolean, required: false, example: true }
    output:
      it: { title: It, description: What, type: thing, required: true, example: { name: x } }
types:
  thing:
    name: { title: Name, type: string }
`;

const rulesOf = (text: string, against?: string): string[] =>
  checkSpec(file(text), against === undefined ? undefined : file(against))
    .problems.filter(({ rule }) => rule !== "help.missing")
    .map(({ rule, path }) => `${rule} ${path}`);

describe("the rules, each broken alone", () => {
  it("finds nothing wrong with a good spec, nor with our example", () => {
    expect(rulesOf(good)).toEqual([]);
    const example = fileURLToPath(
      new URL("../../../../../deploy/examples/icon/address_list", import.meta.url),
    );
    expect(checkSpec(example).problems).toEqual([]);
  });

  it.each([
    ["vendor: us", "vendor:", "spec.missing vendor"],
    ["vendor: us\n", "", "spec.missing vendor"],
    ["vendor: us", "vendor: us\nsupport_versions: [1]", "spec.unknown_key support_versions"],
    ["source_url: x", "vendor_ur: x", "spec.unknown_key resources.vendor_ur"],
    ["plugin_spec_version: v2", "plugin_spec_version: v1", "spec.version_kind plugin_spec_version"],
    ["supported_versions: [all]", "supported_versions: []", "spec.supported_versions supported_versions"],
    ["description: Does things", "description: does things", "description.form description"],
    ["description: Which", "description: Which.", "description.form actions.get_it.input.id.description"],
    ["description: Which", "description: Which Url", "text.acronym actions.get_it.input.id.description"],
    ["description: Which", "description: W\u00e4lch", "text.ascii actions.get_it.input.id.description"],
    ["vendor: us", "vendor: Us Inc", "spec.vendor vendor"],
    ["support: community", "support: somebody", "spec.vendor support"],
    ["products: [insightconnect]", "products: [other]", "spec.products products"],
    ["tags: [one, two]", "tags: one", "hub.tags tags"],
    ["use_cases: [devops]", "use_cases: []", "hub.use_case hub_tags.use_cases"],
    ["supported_versions: [all]\n", "", "spec.supported_versions supported_versions"],
    ["connection_version: 4", 'connection_version: "4"', "spec.connection_version connection_version"],
    ["name: my_plugin", "name: my-Plugin", "name.plugin name"],
    ["name: my_plugin", "name: a_b_c_d_e_f_g_h", "name.plugin name"],
    ["get_it:", "GetIt:", "name.component actions.GetIt"],
    ["  thing:\n", "  file: { a: { type: string } }\n  thing:\n", "name.type types.file"],
    ["title: Get It", "title: get it.", "title.form actions.get_it.title"],
    ["    title: Get It\n", "", "title.missing actions.get_it"],
    ["description: Gets it", "description: Gets it.", "description.form actions.get_it.description"],
    ["    description: Gets it\n", "", "description.missing actions.get_it"],
    ["type: thing", "type: thang", "type.unknown actions.get_it.output.it.type"],
    ["description: Which, ", "", "description.missing actions.get_it.input.id"],
    ["required: false", "required: no way", "field.required actions.get_it.input.more.required"],
    [", required: false", "", "field.required actions.get_it.input.more"],
    [", example: true", "", "field.example actions.get_it.input.more"],
    ["example: true", "example: 3", "field.example_type actions.get_it.input.more.example"],
    [
      "required: false",
      "required: false, default: 3",
      "field.default_type actions.get_it.input.more.default",
    ],
    ["required: false", "required: false, enum: [true, 7]", "field.enum actions.get_it.input.more.enum[1]"],
    [
      "required: false",
      "required: false, enum: [true], default: false",
      "field.enum actions.get_it.input.more.default",
    ],
    ["required: false", "required: false, order: 0", "field.order actions.get_it.input.more.order"],
    [
      "required: false",
      "requird: false, required: false",
      "field.unknown_property actions.get_it.input.more.requird",
    ],
    ["tags: [one, two]", "tags: [one]", "hub.tags tags"],
    ["[devops]", "[develops]", "hub.use_case hub_tags.use_cases[0]"],
    ["version: 1.2.3", "version: 1.2.3-beta", "version.form version"],
    ["1.2.3 - Now", "1.2.2 - Now", "version.history version_history[0]"],
    [
      "type: string, required: true, example: x }\nactions",
      "type: password, required: true, example: x, default: root }\nactions",
      "secret.example connection.url.default",
    ],
    [
      "support: community",
      "support: community\ncloud_ready: true\nsdk: { user: root }",
      "cloud.user sdk.user",
    ],
    [
      "support: community",
      "support: community\ncloud_ready: true\nenable_cache: true",
      "cloud.cache enable_cache",
    ],
    [
      "support: community",
      "support: community\ncloud_ready: true\nsdk: { custom_cmd: [apt-get install x] }",
      "cloud.packages sdk.custom_cmd",
    ],
    [
      "type: string, required: true, example: x }\nactions",
      "type: credential_token, required: true, example: { token: x } }\ncloud_ready: true\nactions",
      "cloud.credential_token connection.url",
    ],
  ])("%s → %s", (from, to, expected) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    expect(rulesOf(text)).toContain(expected);
  });

  it("wants one list of a task, and a component of a plugin", () => {
    expect(
      rulesOf(
        `${good}tasks:\n  t: { title: T, description: D, output: { a: { title: A, description: D, type: string, required: true } } }\n`,
      ),
    ).toEqual(["task.output tasks.t.output"]);
    expect(rulesOf(good.replace(/actions:[\s\S]*types:/, "types:"))).toContain("spec.nothing ");
  });

  it("gives line, column and cure", () => {
    const [problem] = checkSpec(file(good.replace("[devops]", "[develops]"))).problems.filter(
      ({ rule }) => rule === "hub.use_case",
    );
    expect(problem).toMatchObject({
      line: 14,
      column: 25,
      severity: "warning",
      suggestion: 'Did you mean "devops"?',
    });
  });

  it("has a rule for every problem, and a meaning for every rule", () => {
    for (const { meaning } of Object.values(iconRules)) expect(meaning).toMatch(/^(?:[A-Z`]|help\.md).*\.$/);
  });
});

describe("a new version", () => {
  const to = (version: string, change: (text: string) => string = (text) => text): string[] =>
    rulesOf(change(good).replaceAll("1.2.3", version), good);
  const without = (part: string | RegExp) => (text: string) => text.replace(part, "");
  const more = (text: string) =>
    text.replace(
      "    output:",
      "      new: { title: N, description: D, type: string, required: false, example: x }\n    output:",
    );

  it("needs no more than a patch for nothing", () => {
    expect(to("1.2.3")).toEqual([]);
    expect(to("1.2.4")).toEqual([]);
    expect(to("1.2.2")).toEqual(["bump.back version"]);
  });

  it("is minor for what is new", () => {
    expect(to("1.2.4", more)).toEqual(["bump.minor actions.get_it.input.new"]);
    expect(to("1.3.0", more)).toEqual([]);
    expect(to("1.3.1", more)).toEqual(["bump.reset version"]);
    expect(to("2.0.0", more)).toEqual([]);
  });

  it.each([
    ["an input is gone", without(/ {6}more:.*\n/), "actions.get_it.input.more"],
    [
      "a field of a type is gone",
      (text: string) => text.replace("    name: {", "    nom: {"),
      "types.thing.name",
    ],
    [
      "a type changes",
      (text: string) => text.replace("type: boolean", "type: string").replace("example: true", "example: x"),
      "actions.get_it.input.more",
    ],
    ["a title changes", (text: string) => text.replace("title: Get It", "title: Get"), "actions.get_it"],
    [
      "an input becomes required",
      (text: string) => text.replace("required: false", "required: true"),
      "actions.get_it.input.more",
    ],
    [
      "an output is no longer sure",
      (text: string) => text.replace("type: thing, required: true", "type: thing, required: false"),
      "actions.get_it.output.it",
    ],
    ["an action is gone", (text: string) => text.replace("  get_it:", "  got_it:"), "actions.get_it"],
    [
      "the plugin is called otherwise",
      (text: string) => text.replace("title: My Plugin", "title: Mine"),
      "title",
    ],
  ])("is major when %s", (_name, change, path) => {
    expect(to("1.3.0", change)).toContain(`bump.major ${path}`);
    expect(to("2.0.0", change)).toEqual([]);
    expect(to("2.0.1", change)).toEqual(["bump.reset version"]);
  });

  it("moves the version of the connection exactly when the connection changes", () => {
    const renamed = (text: string) => text.replace("  url:", "  uri:");
    expect(to("2.0.0", renamed)).toEqual(["bump.connection_version connection_version"]);
    expect(
      to("2.0.0", (text) => renamed(text).replace("connection_version: 4", "connection_version: 5")),
    ).toEqual([]);
    expect(to("1.2.4", (text) => text.replace("connection_version: 4", "connection_version: 5"))).toEqual([
      "bump.connection_version connection_version",
    ]);
  });
});
