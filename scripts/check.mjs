/** Every gate of the repository, all of them even when one fails, each with its time. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { root } from "./bootstrap/paths.mjs";
import { close } from "./bootstrap/tally.mjs";

/** The folders of the workspace's packages. */
const packages = JSON.parse(readFileSync(join(root, "scripts/packages.json"), "utf8"));

/** Types are checked anew only where something changed since the last run in this checkout. */
const incremental = (name) => [
  "--incremental",
  "--tsBuildInfoFile",
  join(root, ".tools", `${name}.tsbuildinfo`),
];

const gates = [
  ["Format and lint", "biome", ["ci", "--colors=off", "--error-on-warnings", "."]],
  ["Promises", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["Types", "tsc", ["-p", "tsconfig.check.json", ...incremental("types")]],
  ["Types of the page", "tsc", ["-p", "collector/web/tsconfig.json", "--noEmit", ...incremental("page")]],
  ["Imports", "depcruise", ["--config", ".dependency-cruiser.cjs", ...packages]],
  ["Dead code", "knip", []],
];

const env = {
  ...process.env,
  PATH: [join(root, "node_modules", ".bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
};

const runGate = (command, args) =>
  new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = gates.filter(
  ([name]) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);
let failed = 0;
for (const [name, command, args] of chosen) {
  const started = performance.now();
  const { ok, output } = await runGate(command, args);
  if (!ok) {
    failed += 1;
    process.stdout.write(`${output.trimEnd()}\n`);
  }
  process.stdout.write(
    `${ok ? "ok    " : "FAILED"}  ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
}
close({ passed: chosen.length - failed, failed, skipped: 0 });
