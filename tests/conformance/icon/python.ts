import { spawnSync } from "node:child_process";

/** Why tests of plugins in Python cannot run here; undefined where they can, and in CI, where they must. */
export const noPython: string | undefined =
  process.env["CI"] || spawnSync("python3", ["--version"]).status === 0 ? undefined : "(there is no python3)";
