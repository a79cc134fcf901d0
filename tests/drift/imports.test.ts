import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { packages, root } from "./repository.ts";

interface Cruise {
  readonly modules: readonly unknown[];
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

const cruise = async (cwd: string): Promise<Cruise> => {
  const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, "--config", ".dependency-cruiser.cjs", "--output-type", "json", ...packages],
    { cwd, maxBuffer: 256 * 2 ** 20 },
  );
  return JSON.parse(stdout) as Cruise;
};

/** A workspace like ours in small; each file is a violation of the rule that it names, or fine. */
const planted: Record<string, { readonly code: string; readonly rule?: string }> = {
  "sdk/src/index.ts": { code: "export const sdk = 1;" },
  "core/src/index.ts": { code: 'export { sdk } from "@vedette/sdk";' },
  "core/src/batch/index.ts": { code: "export const batch = 1;" },
  "core/src/batch/inner.ts": { code: "export const inner = 1;" },
  "core/src/pipeline/good.ts": {
    code: 'import { batch } from "../batch/index.ts";\nexport const good = batch;',
  },
  "core/src/pipeline/deep.ts": {
    code: 'import { inner } from "../batch/inner.ts";\nexport const deep = inner;',
    rule: "one-door-a-folder",
  },
  "agent/src/index.ts": { code: 'import { sdk } from "@vedette/sdk";\nexport const agent = sdk;' },
  "agent/src/plugins.ts": {
    code: 'import { geoip } from "@vedette/plugins/geoip";\nexport const plugins = [geoip];',
  },
  "agent/src/sneaky.ts": {
    code: 'import { geoip } from "@vedette/plugins/geoip";\nexport const sneaky = geoip;',
    rule: "agent-imports-only-core-sdk-proto",
  },
  "agent/src/stranger.ts": {
    code: 'import { collector } from "@vedette/collector";\nexport const stranger = collector;',
    rule: "agent-and-collector-are-strangers",
  },
  "agent/src/typed.ts": {
    code: 'import type { Collector } from "@vedette/collector";\nexport type Typed = Collector;',
    rule: "agent-and-collector-are-strangers",
  },
  "collector/src/index.ts": { code: "export const collector = 1;\nexport type Collector = 1;" },
  "collector/src/a.ts": {
    code: 'import { b } from "./b.ts";\nexport const a = (): number => b();',
    rule: "no-cycles",
  },
  "collector/src/b.ts": {
    code: 'import { a } from "./a.ts";\nexport const b = (): number => a();',
  },
  "collector/src/path.ts": {
    code: 'import { sdk } from "../../sdk/src/index.ts";\nexport const path = sdk;',
    rule: "one-door-a-package",
  },
  "collector/src/tested.ts": {
    code: 'import { thing } from "./thing.test.ts";\nexport const tested = thing;',
    rule: "sources-do-not-import-tests",
  },
  "collector/src/thing.test.ts": { code: "export const thing = 1;" },
  "collector/src/missing.ts": {
    code: 'import { missing } from "not-there";\nexport const lost = missing;',
    rule: "no-unresolvable",
  },
  "plugins/geoip/index.ts": { code: "export const geoip = 1;" },
  "plugins/greedy/index.ts": {
    code: 'import { sdk } from "@vedette/core";\nexport const greedy = sdk;',
    rule: "plugins-imports-only-sdk",
  },
  "cli/src/index.ts": { code: 'import { agent } from "@vedette/agent";\nexport const cli = agent;' },
  "cli/src/bad.ts": {
    code: 'import { helper } from "../../tests/helper.ts";\nexport const bad = helper;',
    rule: "nobody-imports-tests-or-benchmarks",
  },
  "proto/src/index.ts": { code: "export const proto = 1;" },
  "tests/helper.ts": { code: "export const helper = 1;" },
  "benchmarks/helper.ts": { code: "export const helper = 1;" },
};

describe("the import fence", () => {
  const folder = mkdtempSync(join(tmpdir(), "vedette-fence-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("sees this repository: the parser did not fall back to nothing", async () => {
    const { modules, summary } = await cruise(root);
    expect(modules.length).toBeGreaterThan(300);
    expect(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
  });

  it("catches a planted violation of every rule", async () => {
    for (const [file, { code }] of Object.entries(planted)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), code);
    }
    for (const name of packages) {
      cpSync(join(root, name, "package.json"), join(folder, name, "package.json"));
      mkdirSync(join(folder, name, "node_modules", "@vedette"), { recursive: true });
      for (const other of packages)
        symlinkSync(join(folder, other), join(folder, name, "node_modules", "@vedette", other));
    }
    mkdirSync(join(folder, "scripts"));
    for (const file of [
      ".dependency-cruiser.cjs",
      "scripts/packages.json",
      "tsconfig.base.json",
      "tsconfig.check.json",
    ]) {
      cpSync(join(root, file), join(folder, file));
    }
    const { summary } = await cruise(folder);
    for (const [file, { rule }] of Object.entries(planted)) {
      const found = summary.violations
        .filter(({ from }) => from === file)
        .map((violation) => violation.rule.name);
      if (rule === undefined) expect(found, file).toEqual([]);
      else expect(found, file).toContain(rule);
    }
  });
});
