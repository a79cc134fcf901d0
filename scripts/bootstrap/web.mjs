/** The web page, built when one of its sources changed. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { exec } from "./exec.mjs";
import { root } from "./paths.mjs";

const entry = join(root, "collector", "web", "index.html");
const inputs = join(root, "collector", "web", "dist", "inputs.json");

/** True when the built page is younger than everything that went into it (scripts/build-web.mjs lists that). */
export const pageIsFresh = () => {
  if (!existsSync(entry)) return true;
  if (!existsSync(inputs)) return false;
  const built = JSON.parse(readFileSync(inputs, "utf8"));
  return Object.entries(built).every(([file, size]) => {
    const now = statSync(join(root, file), { throwIfNoEntry: false });
    return now !== undefined && now.size === size && now.mtimeMs <= statSync(inputs).mtimeMs;
  });
};

/** Builds the page with esbuild. */
export const buildPage = (toolchain) =>
  exec(toolchain.node, [join(root, "scripts", "build-web.mjs")], { failure: "The page could not be built." });
