/**
 * Bundles the agent into one file that needs nothing but Node: dist/vedette-agent.mjs. Files that the sources name as
 * `new URL("./file", import.meta.url)` (pipelines, kernels, package.json) travel inside, as data: URLs (core/src/asset.ts).
 * Run: npm run build:agent; `-- --names` keeps the names of the sources, for profiles.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, zstdCompressSync } from "node:zlib";
import { build, transform } from "esbuild";
import { jsonOf } from "./json-of-yaml.mjs";
import { latePackages, wholePackage } from "./late-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist", "vedette-agent.mjs");

const types = { ".yaml": "application/yaml", ".json": "application/json", ".wasm": "application/wasm" };
const single = /new URL\(\s*"(\.{1,2}\/[^"]+\.(?:yaml|json|wasm))",\s*import\.meta\.url,?\s*\)/g;
/** The same with one part that is known only at run time: every file that fits travels. */
const family =
  /new URL\(\s*`(\.{1,2}\/[^`$]*)\$\{(\w+)\}([^`$]*\.(?:yaml|json|wasm))`,\s*import\.meta\.url,?\s*\)/g;

/** YAML travels as JSON, which takes a tenth of the time to read. Its comments are for those who read the sources. */
const carried = (file) => {
  const bytes = readFileSync(file);
  if (extname(file) !== ".yaml") return { type: types[extname(file)], bytes };
  const text = bytes.toString("utf8");
  // Several documents in one file have no JSON form: rules in Sigma, which an agent carries and does not read.
  if (/^---\s*$/m.test(text.replace(/^---\s*\n/, ""))) return { type: types[".yaml"], bytes };
  return { type: types[".json"], bytes: Buffer.from(jsonOf(text)) };
};

/** What the sources name, by the name that their URL carries: its media type and, in base64, its bytes. */
const files = new Map();
const note = (file) => {
  const name = relative(root, file);
  if (!files.has(name)) {
    const { type, bytes } = carried(file);
    files.set(name, { type, text: bytes.toString("base64") });
  }
  return { name, type: files.get(name).type };
};

/** Detection rules, which collectors read. */
const isRule = (file) => /^plugins\/[^/]+\/rules\//.test(relative(root, file));

/** A short URL; the bytes are found by its name. Hundreds of them are made at a start, of which some are read. */
const urlOf = (file) => {
  const { name, type } = note(file);
  return `new URL("data:${type};name=${encodeURIComponent(name)};base64,")`;
};

const usual = ({ type }) => type !== types[".yaml"];
const familyUrl = (folder, found, variable, after) => {
  const noted = found.map((name) => ({ key: name.slice(0, -after.length), ...note(join(folder, name)) }));
  const other = Object.fromEntries(noted.filter((file) => !usual(file)).map(({ key, type }) => [key, type]));
  const type = noted.find(usual)?.type ?? types[".yaml"];
  const [before, behind] = [`${relative(root, folder)}/`, after].map(encodeURIComponent);
  return `new URL("data:" + (${JSON.stringify(other)}[${variable}] ?? "${type}") + ";name=${before}" + encodeURIComponent(${variable}) + "${behind};base64,")`;
};

/** Plugins that come with the agent were checked by tests, which takes longer than all that a start needs of them. */
const asChecked = (source) => source.replaceAll(/\bdefine(?:Plugin|Connection)(?:<[^()]*>)?\(/g, "(");

/** Carries the files that a source names inside the bundle. */
const assets = {
  name: "assets",
  setup(bundle) {
    bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const ours = ["plugins/", "agent/src/input/"].some((folder) => path.startsWith(join(root, folder)));
      const source = ours ? asChecked(readFileSync(path, "utf8")) : readFileSync(path, "utf8");
      if (path.includes("node_modules") || !(ours || source.includes("import.meta.url"))) return undefined;
      const contents = source
        .replaceAll(single, (_whole, name) => {
          const file = join(dirname(path), name);
          return isRule(file) ? "undefined" : urlOf(file);
        })
        .replaceAll(family, (_whole, before, variable, after) => {
          const folder = join(dirname(path), before);
          const found = readdirSync(folder).filter((name) => name.endsWith(after));
          if (found.length === 0)
            throw new Error(`${relative(root, path)} names files in ${before}; there are none.`);
          return isRule(join(folder, found[0])) ? "undefined" : familyUrl(folder, found, variable, after);
        });
      return { contents, loader: "ts" };
    });
  },
};

/** The Kafka client reads its WebAssembly from a file beside it; the same package has it inside as well. */
const inlined = {
  name: "inlined",
  setup(bundle) {
    bundle.onResolve({ filter: /^@platformatic\/wasm-utils$/ }, ({ path, kind, resolveDir }) =>
      bundle.resolve(`${path}/bundled`, { kind, resolveDir }),
    );
  },
};

/** A logger asks who calls it, for transports, which nobody has here: V8 would look for the ends of all lines of the program. */
const uncalled = {
  name: "uncalled",
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]pino[\\/]lib[\\/]caller\.js$/ }, () => ({
      contents: "module.exports = () => [];",
      loader: "js",
    }));
  },
};

/** Schemas that are made when something is checked by them. By itself, as of a module that a bundle runs late it carries all. */
const lateZod = {
  name: "late-zod",
  setup(bundle) {
    const late = join(root, "cli", "src", "late-zod.ts");
    bundle.onResolve({ filter: /^zod$/ }, ({ importer }) =>
      importer.includes("node_modules") ? undefined : { path: late },
    );
    bundle.onLoad({ filter: /[\\/]late-zod\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        ...{ entryPoints: [path], bundle: true, platform: "node", format: "esm", target: "node24" },
        ...{ minifySyntax: true, write: false, logLevel: "warning" },
      });
      return { contents: outputFiles[0].text, loader: "js" };
    });
  },
};

/**
 * Pipelines that travel inside, as their check gives them: a start then checks nothing (docs/decisions/0305). What is written of their
 * forms for blocks travels too (0311).
 */
function noteChecked() {
  const isPipeline = (name) =>
    extname(name) === ".yaml" &&
    /^(pipeline|- dataTypes|patterns):/m.test(readFileSync(join(root, name), "utf8"));
  const names = [...files.keys()].filter(isPipeline);
  const checked = printed("checked-pipelines.mjs", names);
  for (const name of names)
    files.set(`${name}#checked`, { text: Buffer.from(JSON.stringify(checked[name])).toString("base64") });
  for (const [dataType, made] of Object.entries(printed("carried-blocks.mjs", names))) {
    if (Object.keys(made).length === 0) continue;
    const bytes = Buffer.from(JSON.stringify(made), "latin1");
    const packed = zstd(bytes, { pledgedSrcSize: bytes.length });
    files.set(`${dataType}#block`, { text: packed.toString("base64") });
  }
}

/** What a script prints of some files, which needs the kernels of the sources. */
const printed = (script, names) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ["--conditions=@vedette/source", join(root, "scripts", script), ...names],
      { cwd: root, maxBuffer: 2 ** 27 },
    ),
  );

/** Where the size is told, unpacking takes no more memory than there is to unpack. */
const zstd = (bytes, options = {}) =>
  zstdCompressSync(bytes, { ...options, params: { [constants.ZSTD_c_compressionLevel]: 19 } });

mkdirSync(dirname(out), { recursive: true });
const { metafile, outputFiles } = await build({
  entryPoints: [join(root, "cli", "src", "agent-main.ts")],
  outfile: out,
  bundle: true,
  platform: "node",
  format: "cjs",
  // What scripts/agent-start.mjs hands the program.
  define: { "import.meta.url": "vedetteUrl" },
  target: "node24",
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: !process.argv.includes("--names"),
  legalComments: "none",
  conditions: ["@vedette/source"],
  plugins: [assets, inlined, uncalled, lateZod, latePackages, wholePackage],
  absWorkingDir: root,
  logLevel: "warning",
  metafile: true,
  write: false,
});
const [file] = outputFiles;
const strangers = Object.keys(metafile.inputs).filter((input) => input.startsWith("collector/"));
if (strangers.length > 0) throw new Error(`The agent would carry ${strangers.slice(0, 3).join(", ")}.`);
// One character beyond ASCII has Node keep the whole source in two bytes a character.
const [strange] = /\P{ASCII}.{0,40}/u.exec(file.text) ?? [];
if (strange !== undefined) throw new Error(`The agent would not be ASCII: ${strange}`);
const beside = file.text.match(/new URL\([^()]{1,200}\.(?:wasm|node)["'`],\s*import\.meta\.url/);
if (beside) throw new Error(`The agent would look for a file beside it: ${beside[0]}.`);
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

// One malloc arena saves an idle agent 10 MB; threads that would want their own are few. The thresholds give back to the system
// what compiling took (docs/decisions/0058, 0245), yet not each piece of it at once, which cost a tenth of all CPU (0268).
const first =
  "#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=262144 MALLOC_TOP_PAD_=65536 node --min-semi-space-size=2 --max-semi-space-size=2";
const licence =
  "// Vedette agent, Apache-2.0. Licences of what is inside: NOTICE and node_modules of the source tree.";
const [head, tail] = ["/* vedette-program\n", "\nvedette-program */\n"];
noteChecked();
// As functions that nobody calls, most of them are nothing but text of the source, which V8 reads over.
// esbuild meets them in another order each time; a build of the same sources is the same.
const table = [...files]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, { text }]) => `${JSON.stringify(name)}:()=>"${text}"`)
  .join(",\n");
const inside = `globalThis[Symbol.for("vedette.carried")]={__proto__:null,${table}}`;
const program = Buffer.from(`(${inside},function (require, vedetteUrl) {${file.text}\n})`, "latin1");
const { code: start } = await transform(readFileSync(join(root, "scripts", "agent-start.mjs"), "utf8"), {
  minify: true,
  format: "esm",
  target: "node24",
  define: Object.fromEntries(
    Object.entries({ digest: digest(program).slice(0, 16), size: program.length, head, tail }).map(
      ([name, value]) => [name, JSON.stringify(value)],
    ),
  ),
});
// Packed, it is read and passed over in a third of the time, twice at each start: by Node and by the head.
const packed = zstd(program).toString("base64");
const contents = Buffer.from(`${first}\n${licence}\n${start}${head}${packed}${tail}`, "latin1");
const partial = `${out}.${process.pid}`;
writeFileSync(partial, contents);
chmodSync(partial, 0o755);
renameSync(partial, out);
writeFileSync(`${out}.sha256`, `${digest(contents)}  ${basename(out)}\n`);
console.log(
  `Built ${relative(root, out)}, ${Math.round(contents.length / 1024)} KiB, sha256 ${digest(contents)}.`,
);
