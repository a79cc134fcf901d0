/** The locked dependencies of the workspace, installed by pnpm. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { exec } from "./exec.mjs";
import { root, stampOf } from "./paths.mjs";

const stamp = stampOf("dependencies");

/** Every file that decides what is installed. */
const inputs = () => [
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "package.json",
  ...readdirSync(root, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        entry.name !== "node_modules" &&
        existsSync(join(root, entry.name, "package.json")),
    )
    .map((entry) => `${entry.name}/package.json`)
    .sort(),
];

const fingerprint = (toolchain) => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${toolchain.pnpm}\n`);
  for (const file of inputs())
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update("\n");
  return hash.digest("hex");
};

/** True when an install was completed here, of whatever version. */
export const hasDependencies = () => existsSync(join(root, "node_modules", ".modules.yaml"));

/** True when node_modules is what the lock file says, as far as a stamp can tell. */
export const dependenciesAreFresh = (toolchain) =>
  hasDependencies() && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(toolchain);

const progressOf = (line) => {
  const counts = /resolved (\d+), reused (\d+), downloaded (\d+)/.exec(line);
  if (counts !== null) return `${Number(counts[2]) + Number(counts[3])} of ${counts[1]} packages`;
  const big = /^Downloading (\S+)@\S+: (\S+) (\S+)\/(\S+) (\S+)$/.exec(line);
  return big === null ? undefined : `${big[1]} ${Math.round(big[2])} of ${Math.round(big[4])} ${big[5]}`;
};

/** Runs `pnpm install --frozen-lockfile`. Safe to interrupt and to repeat. */
export const installDependencies = async (toolchain, detail) => {
  const wanted = fingerprint(toolchain);
  await exec(toolchain.pnpm, ["install", "--frozen-lockfile", "--reporter=append-only"], {
    failure: "pnpm could not install the dependencies.",
    // CI: never ask, and replace a node_modules that another version made.
    env: { CI: "true", PATH: `${toolchain.path}${delimiter}${process.env.PATH ?? ""}` },
    onLine: (line) => {
      const progress = progressOf(line);
      if (progress !== undefined) detail(progress);
    },
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
};
