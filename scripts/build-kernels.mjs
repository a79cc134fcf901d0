/**
 * Compiles the kernels: each core/src/kernels/assembly/<name>.ts, AssemblyScript, becomes core/dist/kernels/<name>.wasm.
 * dist/kernels/inputs.json lists every source with its size, for the set-up to see when they are out of date.
 * `--names` keeps the names of functions, for profiles.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const assembly = join(root, "core", "src", "kernels", "assembly");
const dist = join(root, "core", "dist", "kernels");

/** No allocator, no checks of bounds: a kernel works in memory that its caller lays out and bounds. */
const options = [
  "-O3",
  "--runtime",
  "stub",
  "--noAssert",
  "--importMemory",
  "--memoryBase",
  "0",
  "--enable",
  "simd",
  ...(process.argv.includes("--names") ? ["--debug"] : []),
];

const sources = readdirSync(assembly, { withFileTypes: true })
  .filter((each) => each.isFile() && each.name.endsWith(".ts"))
  .map((each) => join(assembly, each.name));

mkdirSync(dist, { recursive: true });
const built = [];
for (const source of sources) {
  const name = `${basename(source, ".ts")}.wasm`;
  // Renamed into place, because another start may be reading the old one.
  const partial = join(dist, `${name}.partial-${process.pid}`);
  const { error, stderr } = await asc.main([
    relative(process.cwd(), source),
    "-o",
    relative(process.cwd(), partial),
    ...options,
  ]);
  if (error) {
    rmSync(partial, { force: true });
    throw new Error(`${relative(root, source)} does not compile:\n${stderr.toString()}`, { cause: error });
  }
  built.push(`${name} ${statSync(partial).size} bytes`);
  renameSync(partial, join(dist, name));
}
// What kernels share lies in a folder below, and is no kernel itself.
const shared = readdirSync(join(assembly, "shared")).map((name) => join(assembly, "shared", name));
const inputs = [...sources, ...shared, fileURLToPath(import.meta.url)];
const sizes = Object.fromEntries(inputs.map((file) => [relative(root, file), statSync(file).size]));
writeFileSync(join(dist, "inputs.json"), `${JSON.stringify(sizes, null, 1)}\n`);
console.log(`Built core/dist/kernels: ${built.join(", ")}.`);
