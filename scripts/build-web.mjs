/**
 * Bundles the page: collector/web/index.html names its entry as `/src/main.tsx`; the built page in
 * collector/web/dist names hashed files, so they can be cached for ever. dist/inputs.json lists every source with its
 * size, for the set-up to see when the page is out of date.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, "collector", "web");
const dist = join(web, "dist");
const partial = join(web, `dist.partial-${process.pid}`);
const ENTRY = "/src/main.tsx";

const walk = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name))
    : [];

/** The files that an output imports when it is loaded, itself left out; what it loads on demand is not among them. */
const needed = (outputs, file, found = new Set([file])) => {
  for (const { path, kind } of outputs[file].imports) {
    if (kind !== "import-statement" || found.has(path)) continue;
    found.add(path);
    needed(outputs, path, found);
  }
  return [...found].slice(1);
};

/** Whether two folders hold the same. */
const isSame = (one, other) => {
  const [files, others] = [one, other].map((folder) =>
    walk(folder)
      .map((file) => relative(folder, file))
      .sort(),
  );
  return (
    files.join("\n") === others.join("\n") &&
    files.every((file) => readFileSync(join(one, file)).equals(readFileSync(join(other, file))))
  );
};

const html = readFileSync(join(web, "index.html"), "utf8");
if (!html.includes(`"${ENTRY}"`))
  throw new Error(`collector/web/index.html does not name its entry "${ENTRY}".`);

rmSync(partial, { recursive: true, force: true });
try {
  const { metafile } = await build({
    entryPoints: [join(web, ENTRY)],
    outdir: join(partial, "assets"),
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    minify: true,
    sourcemap: "linked",
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    conditions: ["@vedette/source"],
    loader: { ".svg": "file", ".woff2": "file" },
    define: { "process.env.NODE_ENV": '"production"' },
    absWorkingDir: root,
    logLevel: "warning",
    metafile: true,
  });
  const [outFile, out] =
    Object.entries(metafile.outputs).find(([, each]) => each.entryPoint?.endsWith(ENTRY)) ?? [];
  if (out === undefined) throw new Error("esbuild wrote no entry.");
  const style =
    out.cssBundle === undefined ? "" : `<link rel="stylesheet" href="/assets/${basename(out.cssBundle)}">`;
  // What the entry needs at once is named, so that it is fetched beside it and not after it.
  const preloads = needed(metafile.outputs, outFile)
    .map((file) => `<link rel="modulepreload" href="/assets/${basename(file)}">`)
    .join("");
  mkdirSync(partial, { recursive: true });
  writeFileSync(
    join(partial, "index.html"),
    html
      .replace(`"${ENTRY}"`, `"/assets/${basename(outFile)}"`)
      .replace("</head>", `${preloads}${style}</head>`),
  );
  if (existsSync(join(web, "public"))) cpSync(join(web, "public"), partial, { recursive: true });
  const inputs = [
    ...Object.keys(metafile.inputs).map((file) => join(root, file)),
    ...walk(join(web, "public")),
    join(web, "index.html"),
    fileURLToPath(import.meta.url),
  ];
  const sizes = Object.fromEntries(inputs.map((file) => [relative(root, file), statSync(file).size]));
  writeFileSync(join(partial, "inputs.json"), `${JSON.stringify(sizes, null, 1)}\n`);
  // A page that is served, perhaps by several tests at once, is not taken away to be put back.
  if (!isSame(partial, dist)) {
    rmSync(dist, { recursive: true, force: true });
    renameSync(partial, dist);
  }
  const bytes = walk(dist)
    .filter((file) => !file.endsWith(".map"))
    .reduce((sum, file) => sum + statSync(file).size, 0);
  console.log(`Built collector/web/dist, ${Math.round(bytes / 1024)} KiB.`);
} finally {
  rmSync(partial, { recursive: true, force: true });
}
