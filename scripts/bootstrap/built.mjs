/** What is built from sources of ours: the web page and the WebAssembly kernels, each when one of its sources changed. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { exec } from "./exec.mjs";
import { root } from "./paths.mjs";

/** True when what a build listed in `inputs.json` is all there, of the same size and not younger than the list. */
const isFresh = (inputs) => {
  if (!existsSync(inputs)) return false;
  const built = JSON.parse(readFileSync(inputs, "utf8"));
  return Object.entries(built).every(([file, size]) => {
    const now = statSync(join(root, file), { throwIfNoEntry: false });
    return now !== undefined && now.size === size && now.mtimeMs <= statSync(inputs).mtimeMs;
  });
};

const page = join(root, "collector", "web");

/** True when the built page is younger than everything that went into it (scripts/build-web.mjs lists that). */
export const pageIsFresh = () =>
  !existsSync(join(page, "index.html")) || isFresh(join(page, "dist", "inputs.json"));

/** Builds the page with esbuild. */
export const buildPage = (toolchain) =>
  exec(toolchain.node, [join(root, "scripts", "build-web.mjs")], { failure: "The page could not be built." });

const kernels = join(root, "core", "src", "kernels", "assembly");
const compiled = join(root, "core", "dist", "kernels");

/** True when every kernel was compiled from its source as it is now (scripts/build-kernels.mjs lists them). */
export const kernelsAreFresh = () => {
  if (!existsSync(kernels)) return true;
  const names = readdirSync(kernels).filter((name) => name.endsWith(".ts"));
  return (
    names.every((name) => existsSync(join(compiled, name.replace(/\.ts$/, ".wasm")))) &&
    isFresh(join(compiled, "inputs.json"))
  );
};

/** Compiles the kernels with AssemblyScript. */
export const buildKernels = (toolchain) =>
  exec(toolchain.node, [join(root, "scripts", "build-kernels.mjs")], {
    failure: "The kernels could not be compiled.",
  });
