import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSource, requireConfig } from "@vedette/core/config";
import { describe, expect, it } from "vitest";
import { configFile } from "../../cli/src/config-file.ts";

const deploy = fileURLToPath(new URL("../../deploy/", import.meta.url));

describe("deploy/config", () => {
  it.each(readdirSync(`${deploy}config`))("%s is a good configuration", (name) => {
    const source = parseSource(readFileSync(`${deploy}config/${name}`, "utf8"), name);
    expect(() => requireConfig(configFile, source)).not.toThrow();
  });
});

const analyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
if (!analyze && process.env.CI === "true")
  throw new Error("systemd-analyze is missing; .ci/run installs it.");

describe.skipIf(!analyze)(`deploy/systemd${analyze ? "" : " (skipped: no systemd-analyze here)"}`, () => {
  const units = readdirSync(`${deploy}systemd`).filter((name) => name.endsWith(".service"));

  it.each(units)("%s has no directive that systemd does not know", (name) => {
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", `${deploy}systemd/${name}`], {
      encoding: "utf8",
    });
    const own = stderr.split("\n").filter((line) => line.includes(name));
    expect([status, own]).toEqual([0, []]);
  });

  it.each(units)("%s is locked down: exposure below 2 of 10", (name) => {
    const text = execFileSync(
      "systemd-analyze",
      ["security", "--offline=true", "--no-pager", `${deploy}systemd/${name}`],
      { encoding: "utf8" },
    );
    expect(Number(/exposure level for [^:]+: ([\d.]+)/.exec(text)?.[1])).toBeLessThan(2);
  });
});
