import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, until, vedette } from "@vedette/testkit";
import { afterAll, expect, it } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "vedette-agent-plugins-"));
const folder = join(dir, "plugins");
cpSync(fileURLToPath(new URL("./support/agent-plugins", import.meta.url)), folder, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// A plugin that ends whatever loads it, as the worst that one can do.
const env = { VEDETTE_PLUGIN_SILENT_DISABLED: "1" };
const written = (name: string, inputs: readonly object[]): string => {
  const agent = { stateDir: name, pluginFolders: ["plugins"], collector: { address: "127.0.0.1:1" }, inputs };
  writeFileSync(join(dir, `${name}.yaml`), JSON.stringify({ agent }));
  return join(dir, `${name}.yaml`);
};
const ticks = { type: "ticker", dataType: "ticks", words: ["one", "two"] };

it("runs inputs and parses logs of plugins in folders, while others of them are broken", async () => {
  const config = written("good", [ticks]);
  const agent = vedette(["agent", "--config", config], { env });
  const spool = join(dir, "good", "spool");
  const words = async (): Promise<unknown[]> => {
    const { stdout } = await run(["spool", "cat", spool]);
    const events = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { log?: { word?: string } });
    return events.map(({ log }) => log?.word);
  };
  await until("both words", async () => (await words()).length >= 2, { everyMs: 500 });
  expect(await words()).toEqual(["ONE", "TWO"]);
  agent.kill("SIGTERM");
  expect(await agent.exited).toMatchObject({ code: 0 });
  const said = agent.stderr();
  expect(said).toContain("It breaks when it is loaded.");
  expect(said).toMatch(/plugins \\"nginx\\" and \\"greedy\\" both parse \\"nginx\\"/);
  expect(said).not.toContain("the silent plugin was loaded");
});

it("checks their settings, and says which of them cannot be loaded", async () => {
  const check = (name: string, inputs: readonly object[], more: Record<string, string> = {}) =>
    run(["check", "--config", written(name, inputs)], { env: { ...env, ...more } });
  const good = await check("check-good", [ticks]);
  expect(good.stdout).toContain(
    "plugins/broken:1:1: The plugin cannot be loaded: It breaks when it is loaded.",
  );
  expect(good).toMatchObject({ code: 2 });
  const wrong = await check("check-wrong", [{ ...ticks, wrods: ["x"] }]);
  expect(wrong.stdout).toMatch(/check-wrong\.yaml:\d+:\d+: .*Unknown key "wrods"\. Did you mean "words"\?/);
  const off = await check("check-off", [ticks], { VEDETTE_PLUGIN_TICKER_DISABLED: "true" });
  expect(off.stdout).toMatch(/"ticker" is not one of file, .*docker/);
  const unbroken = await check("check-unbroken", [ticks], {
    VEDETTE_PLUGIN_BROKEN_DISABLED: "1",
    VEDETTE_PLUGIN_GREEDY_DISABLED: "1",
  });
  expect(unbroken).toMatchObject({ code: 0 });
  const gone = await check("check-gone", [{ type: "broken", dataType: "x" }]);
  expect(gone.stdout).toMatch(/"broken" is not one of file/);
  expect(gone.stdout).toContain("plugins/broken:1:1: The plugin cannot be loaded");
});
