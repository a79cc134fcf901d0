/**
 * Packages and modules of Node that the one-file agent loads when something of theirs is first used (scripts/build-agent.mjs). The
 * sources import them at the top of files, and most starts never need them (docs/decisions/0304).
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { build } from "esbuild";

/** Those of Node take 1 to 15 ms each, because of what they load themselves. */
const ofNode = [
  ...["assert", "child_process", "crypto", "dgram", "dns", "dns/promises"],
  ...["http", "http2", "https", "tls", "worker_threads"],
];
const ofOthers = ["@bufbuild/protobuf", "@vedette/proto", "mqtt-packet", "re2js", "saxes", "yaml"];

/**
 * A package of 2,000 functions that most starts never run. As one function that nobody calls they are nothing but text; as modules among
 * others V8 would keep something of each, and read it at each start.
 */
const whole = "@platformatic/kafka";

/**
 * A module with the same exports, each of which loads the real one when it is first asked for: Node takes 30 us to find one of its own that
 * it has loaded long ago.
 */
const late = (name, exports) =>
  `let loaded;
for (const name of ${JSON.stringify(exports)})
  Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require(${JSON.stringify(name)}))[name] });`;

/** Names of what a package exports, read and not run where it is an ES module. */
async function exportsOf(name, resolveDir) {
  if (ofNode.includes(name.replace(/^node:/, ""))) return Object.keys(createRequire(import.meta.url)(name));
  const { metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(name)}`, resolveDir },
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@vedette/source"],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const [{ exports }] = Object.values(metafile.outputs);
  return exports.length > 0 ? exports : Object.keys(createRequire(`${resolveDir}/index.js`)(name));
}

/** An esbuild plugin. */
export const latePackages = {
  name: "late-packages",
  setup(bundle) {
    const namespace = "late";
    const names = [...ofNode, ...ofNode.map((name) => `node:${name}`), ...ofOthers];
    const filter = new RegExp(`^(${names.join("|")})$`);
    bundle.onResolve({ filter }, ({ path, namespace: from, resolveDir, pluginData }) => {
      if (pluginData === namespace) return undefined;
      // As an import: a package that is there twice, for `import` and for `require`, would be carried twice.
      if (from === namespace)
        return bundle.resolve(path, { kind: "import-statement", resolveDir, pluginData: namespace });
      return { path, namespace, pluginData: resolveDir };
    });
    bundle.onLoad({ filter: /.*/, namespace }, async ({ path, pluginData: resolveDir }) => ({
      contents: late(path, await exportsOf(path, resolveDir)),
      loader: "js",
      resolveDir,
    }));
  },
};

/** An esbuild plugin: `whole` as one module of CommonJS, without the packages that it needs itself. */
export const wholePackage = {
  name: "whole-package",
  setup(bundle) {
    const namespace = "whole";
    bundle.onResolve({ filter: new RegExp(`^${whole}$`) }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === namespace) return undefined;
      const { path: found } = await bundle.resolve(path, { kind, resolveDir, pluginData: namespace });
      return { path: found, namespace };
    });
    bundle.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const { outputFiles } = await build({
        ...{ entryPoints: [path], bundle: true, packages: "external", platform: "node", format: "cjs" },
        ...{ target: "node24", minifySyntax: true, write: false, logLevel: "warning" },
        define: { "import.meta.url": "vedetteUrl" },
      });
      return { contents: outputFiles[0].text, loader: "js", resolveDir: dirname(path) };
    });
  },
};
