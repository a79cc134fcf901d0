/**
 * Makes a checkout ready on a machine that has only Node >= 20 and npm, then runs something in it:
 *   node scripts/bootstrap.mjs cli up --port 9000   the vedette command
 *   node scripts/bootstrap.mjs test [filters]       every test, with a closing line of counts
 *   node scripts/bootstrap.mjs gates                format, lint, types, imports, dead code
 *   node scripts/bootstrap.mjs setup                nothing more
 * It has no dependencies and writes only to stderr: stdout belongs to what it runs.
 */
import { join } from "node:path";
import { entry, launch, nodeOptions } from "./bootstrap/launch.mjs";
import { root } from "./bootstrap/paths.mjs";
import { Problem } from "./bootstrap/problem.mjs";
import { setUp } from "./bootstrap/setup.mjs";

const [mode, ...args] = process.argv.slice(2);

/** What each mode runs, with the Node of the checkout. */
const modes = {
  cli: () => [...nodeOptions, entry, ...args],
  test: () => [join(root, "scripts", "test.mjs"), ...args],
  gates: () => [join(root, "scripts", "check.mjs"), ...args],
  setup: () => undefined,
};

try {
  const command = modes[mode];
  if (command === undefined) throw new Problem(`Say what to run: ${Object.keys(modes).join(", ")}.`);
  const { node } = await setUp();
  const argv = command();
  if (argv === undefined) process.stderr.write("Ready.\n");
  else process.exitCode = await launch(node, argv);
} catch (error) {
  process.stderr.write(`vedette: ${error instanceof Problem ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
