import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@vedette/testkit";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = fileURLToPath(new URL("pysigma.py", import.meta.url));
const python = [join(root, ".tools", "python", "bin", "python"), "python3"].find((program) => {
  try {
    execFileSync(program, ["-c", "import sigma.rule, yaml"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
const dir = mkdtempSync(join(tmpdir(), "vedette-pysigma-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** Same seed, same rules; more by hand. */
const seeds = (process.env["VEDETTE_PYSIGMA_SEEDS"] ?? "1,2").split(",").map(Number);

/** A match as `rules match` and the script write it, in one spelling. */
const matchesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { line: number, rule } = JSON.parse(line) as { line: number; rule: string };
      return `${number} ${rule}`;
    })
    .sort();

it.for(seeds)(
  "rules of Sigma hold for the events for which they hold by pySigma, seed %i",
  async (seed, { skip }) => {
    if (!python) return skip("There is no Python with pysigma");
    const folder = join(dir, String(seed));
    execFileSync(python, [script, folder, String(seed), "600", "120"], { stdio: "pipe" });
    const input = readFileSync(join(folder, "events.ndjson"), "utf8");
    const { code, stdout } = await run(["rules", "match", join(folder, "rules"), "--logsource", "off"], {
      input,
    });
    expect(code).toBe(0);
    const expected = matchesOf(readFileSync(join(folder, "expected.ndjson"), "utf8"));
    expect(expected.length).toBeGreaterThan(10_000);
    expect(matchesOf(stdout)).toEqual(expected);
  },
);
