import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { root } from "./repository.ts";

/**
 * Lines with something on them of the example of OpenSecDash's guide that ours translates: metadata, settings and texts, without
 * the 18 of its examples of collecting and of health, which ours does as well.
 */
const original = 45;
const dir = mkdtempSync(join(tmpdir(), "vg-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const example = (): string =>
  /```ts\n(import .*?)```/s.exec(readFileSync(join(root, "docs/guide/plugins.md"), "utf8"))?.[1] ?? "";

it("the example of the guide of plugins is no longer than that of OpenSecDash", () => {
  const lines = example()
    .split("\n")
    .filter((line) => line.trim() !== "");
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.length).toBeLessThanOrEqual(original);
});

it("the page of parity names files and commands that are there", () => {
  const page = readFileSync(join(root, "docs/guide/parity.md"), "utf8");
  const named = [...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? "");
  const paths = named.filter((code) => /^(core|collector|plugins|proto|deploy|tests)\/[\w./-]+$/.test(code));
  expect(paths.length).toBeGreaterThan(15);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const commands = named.flatMap((code) => /^vedette (\w+)/.exec(code)?.[1] ?? []);
  expect(commands.filter((name) => !existsSync(join(root, "cli/src/commands", `${name}.ts`)))).toEqual([]);
});

/** Run by Node itself: what lends plugins their sdk hooks into its loader. */
const script = `
import { writeFileSync } from "node:fs";
import { discover } from "@vedette/core/plugin-folders";
import { settingFields } from "@vedette/sdk";
const [folder, log] = process.argv.slice(1);
const { plugins: [plugin], broken } = await discover([folder], new Set());
const context = { settings: plugin.settings.parse({ enabled: true, logPath: log }) };
const before = plugin.health(context).status;
writeFileSync(log, "2026-11-01T10:00:00Z 203.0.113.9 blocked\\n");
console.log(JSON.stringify({
  broken, health: [before, plugin.health(context).status], events: await plugin.collect.collect(context),
  fields: settingFields(plugin.settings, plugin.locales, "de"),
}));
`;

it("the example of the guide of plugins is a plugin that works", () => {
  mkdirSync(join(dir, "plugins", "my_firewall"), { recursive: true });
  writeFileSync(join(dir, "plugins", "my_firewall", "index.ts"), example());
  const node = ["--conditions=@vedette/source", "--disable-warning=ExperimentalWarning"];
  const args = [...node, "--input-type=module", "-e", script, "--", join(dir, "plugins"), join(dir, "log")];
  const said = execFileSync(process.execPath, args, { cwd: join(root, "tests"), encoding: "utf8" });
  expect(JSON.parse(said)).toMatchObject({
    broken: [],
    health: ["error", "healthy"],
    events: [
      {
        ...{ eventType: "security.firewall_block", severity: "medium", origin: { ip: "203.0.113.9" } },
        raw: "2026-11-01T10:00:00Z 203.0.113.9 blocked",
      },
    ],
    fields: [
      { key: "enabled", label: "My Firewall aktiviert", help: "Importiert Events aus My Firewall." },
      { key: "logPath", label: "Log-Pfad", visibleIf: { key: "enabled", is: true } },
    ],
  });
});
