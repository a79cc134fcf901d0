/** The set-up of a checkout, in four steps, each skipped when its result is already there. */
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { buildKernels, buildPage, kernelsAreFresh, pageIsFresh } from "./built.mjs";
import { dependenciesAreFresh, hasDependencies, installDependencies } from "./dependencies.mjs";
import { endWithChildren } from "./exec.mjs";
import { withLock } from "./lock.mjs";
import { logFile, root, runtimeFile, tools } from "./paths.mjs";
import { causeIn, Problem } from "./problem.mjs";
import { step } from "./progress.mjs";
import { toolchain } from "./tools.mjs";
import { NODE_VERSION, PNPM_VERSION } from "./versions.mjs";

const isReady = (chain) =>
  chain.missing().length === 0 && dependenciesAreFresh(chain) && kernelsAreFresh() && pageIsFresh();

const MIB = 2 ** 20;
/** What the set-up writes below the checkout, measured on Linux x64: the tools, and the dependencies with the engine. */
const TOOLS_BYTES = 260 * MIB;
const DEPENDENCIES_BYTES = 1100 * MIB;

/** Says "read-only" and "full" at once, in words, where npm and pnpm would fail somewhere inside. */
const assertRoom = (chain) => {
  accessSync(root, constants.W_OK);
  mkdirSync(tools, { recursive: true });
  const needed =
    (chain.missing().length > 0 ? TOOLS_BYTES : 0) + (hasDependencies() ? 0 : DEPENDENCIES_BYTES);
  const { bavail, bsize } = statfsSync(tools);
  if (bavail * bsize < needed) {
    const mib = (bytes) => `${Math.round(bytes / MIB)} MiB`;
    throw new Problem(
      `The disk is full: ${mib(bavail * bsize)} are free under ${root}, ${mib(needed)} are needed.`,
    );
  }
  closeSync(openSync(logFile, "w"));
};

const titleOf = (missing) => {
  const names = missing.map(({ name }) =>
    name.startsWith("@pnpm/") ? `pnpm ${PNPM_VERSION}` : `Node ${NODE_VERSION}`,
  );
  return `Tools: ${names.join(" and ")}`;
};

const prepare = async (chain) => {
  const begun = Date.now();
  const missing = chain.missing();
  process.stderr.write("Setting up this checkout; later starts skip this.\n");
  rmSync(runtimeFile, { force: true });
  if (missing.length > 0) await step(`[1/4] ${titleOf(missing)}`, () => chain.get());
  if (!dependenciesAreFresh(chain))
    await step("[2/4] Dependencies", (detail) => installDependencies(chain, detail));
  if (!kernelsAreFresh()) await step("[3/4] Kernels", () => buildKernels(chain));
  if (!pageIsFresh()) await step("[4/4] Page", () => buildPage(chain));
  process.stderr.write(`Ready after ${Math.round((Date.now() - begun) / 1000)} s.\n`);
};

/** Tells the launcher `vedette` that it may skip all this. Newer than every input; without it a start is only slower. */
const markReady = (chain) => {
  try {
    writeFileSync(runtimeFile, `${chain.node}\n`);
  } catch {
    // A ready checkout on a read-only file system still runs.
  }
};

/** Leaves the checkout ready to run and returns its tools, `node` among them. Throws a Problem. */
export const setUp = async () => {
  const undo = endWithChildren();
  try {
    const chain = toolchain();
    if (!isReady(chain)) {
      assertRoom(chain);
      await withLock(tools, async () => {
        // Another start may have finished it while this one waited.
        if (!isReady(chain)) await prepare(chain);
      });
    }
    markReady(chain);
    return chain;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const cause = causeIn(error.message);
    throw new Problem(`The set-up failed: ${error.message}${cause === undefined ? "" : `\n  ${cause}`}`, {
      cause: error,
    });
  } finally {
    undo();
  }
};
