/** Who may import whom (docs/decisions/0001). Each rule names what is allowed; everything else between packages fails. */

const packages = require("./scripts/packages.json");

const allowed = {
  sdk: [],
  proto: ["sdk"],
  core: ["sdk", "proto"],
  plugins: ["sdk"],
  agent: ["core", "sdk", "proto"],
  collector: ["core", "sdk", "proto"],
  cli: ["agent", "collector", "core", "sdk"],
};

const test = "\\.test\\.tsx?$";
const own = (name) => `^${name}/`;
const others = (name) =>
  `^(${packages.filter((each) => each !== name && !allowed[name].includes(each)).join("|")})/`;

const directions = Object.keys(allowed).map((name) => ({
  name: `${name}-imports-only-${allowed[name].join("-") || "libraries"}`,
  comment: `${name} may import ${allowed[name].join(", ") || "no other package of ours"}.`,
  severity: "error",
  from: { path: own(name), pathNot: [test, "^(agent|collector)/src/plugins\\.ts$"] },
  to: { path: others(name) },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: "plugins-are-listed-in-plugins-ts",
      comment: "plugins.ts of the agent and of the collector is the one list of plugins.",
      severity: "error",
      from: { path: "^(agent|collector)/src/plugins\\.ts$" },
      to: {
        path: `^(${packages.join("|")})/`,
        pathNot: ["^(core|sdk|proto)/", "^plugins/[^/]+/index\\.ts$", "^$1/"],
      },
    },
    {
      name: "agent-and-collector-are-strangers",
      comment: "They meet on the wire, never in memory; tests of theirs included.",
      severity: "error",
      from: { path: "^(agent|collector)/" },
      to: { path: "^(agent|collector)/", pathNot: "^$1/" },
    },
    {
      name: "tests-import-no-deeper-direction",
      comment: "A test beside the source may use what its package may use, and the testing doors.",
      severity: "error",
      from: { path: "^(sdk|proto|core|plugins)/.*\\.test\\.ts$" },
      to: { path: "^(agent|collector|cli)/" },
    },
    {
      name: "nobody-imports-tests-or-benchmarks",
      severity: "error",
      from: { pathNot: "^(tests|benchmarks)/" },
      to: { path: "^(tests|benchmarks)/" },
    },
    {
      name: "testkit-is-for-tests-and-benchmarks",
      severity: "error",
      from: { pathNot: "^(testkit|tests|benchmarks)/" },
      to: { path: "^testkit/" },
    },
    {
      name: "benchmarks-and-tests-are-apart",
      severity: "error",
      from: { path: "^(tests|benchmarks)/" },
      to: { path: "^(tests|benchmarks)/", pathNot: "^$1/" },
    },
    {
      name: "sources-do-not-import-tests",
      severity: "error",
      from: { pathNot: test },
      to: { path: test },
    },
    {
      name: "one-door-a-package",
      comment:
        "Another package is imported through its exports, never by a path into it. Suites in tests/ may look inside.",
      severity: "error",
      from: { path: `^(${Object.keys(allowed).join("|")})/`, pathNot: test },
      to: { path: `^(${packages.join("|")})/`, pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    {
      name: "one-door-a-folder",
      comment: "A feature folder is imported through its index.ts.",
      severity: "error",
      from: { path: "^(core|agent|collector)/src/([^/]+)", pathNot: test },
      to: { path: "^$1/src/[^/]+/", pathNot: ["^$1/src/$2/", "/index\\.ts$", "/gen/"] },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-undeclared-packages",
      severity: "error",
      from: { path: `^(${packages.join("|")})/` },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-dev-packages-in-sources",
      comment: "What ships needs only dependencies; a test may use devDependencies.",
      severity: "error",
      from: { path: "^(sdk|proto|core|plugins|agent|collector/src|cli)/", pathNot: [test, "/testing/"] },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/|/kernels/assembly/" },
    tsConfig: { fileName: "tsconfig.check.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@vedette/source", "import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
