/** pnpm and, where the machine's is too old, Node: each an exact version in its own folder of `.tools/`. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { exec } from "./exec.mjs";
import { tools } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { NODE_VERSION, nodeIsCurrent, nodeTool, pnpmTool } from "./versions.mjs";

const folderOf = (tool) => join(tools, `${tool.name.replace("@", "").replace("/", "-")}-${tool.version}`);
const programOf = (tool) => join(folderOf(tool), "node_modules", tool.name, tool.file);

/** The npm that goes with the Node that runs this: `npm start` names it, else it is on the PATH. */
const npm = () => {
  const script = process.env.npm_execpath;
  return script?.endsWith("npm-cli.js") && existsSync(script) ? [process.execPath, [script]] : ["npm", []];
};

const verify = (tool, folder) => {
  if (tool.integrity === undefined) return;
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"));
  const got = packages[`node_modules/${tool.name}`]?.integrity;
  if (got !== tool.integrity) {
    throw new Problem(
      `The registry's ${tool.name} ${tool.version} is not the one that Vedette was tested with (${got ?? "no digest"}, expected ${tool.integrity}). Nothing of it was run.`,
    );
  }
};

/** The size of everything below a folder that is being written. */
const bytesIn = (folder) => {
  let bytes = 0;
  for (const entry of existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
    : []) {
    bytes += statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
};

/** Installs beside its place and renames at the end: an interrupted download leaves no half tool. */
const install = async (tool) => {
  const partial = join(tools, `partial-${process.pid}`);
  const [file, before] = npm();
  const options = [
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--global=false",
    "--loglevel=error",
    // Of itself npm waits a minute between its silent tries, which looks like a registry that hangs.
    "--fetch-retries=3",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
  ];
  try {
    await exec(
      file,
      [...before, "install", ...options, "--prefix", partial, `${tool.name}@${tool.version}`],
      {
        failure: `npm could not install ${tool.name} ${tool.version}.`,
        stallMs: 30_000,
        sign: () => bytesIn(partial),
      },
    );
    if (!existsSync(join(partial, "node_modules", tool.name, tool.file))) {
      throw new Problem(
        `npm said it installed ${tool.name} ${tool.version}, but ${tool.file} is not there. Is the disk full?`,
      );
    }
    verify(tool, partial);
    rmSync(folderOf(tool), { recursive: true, force: true });
    renameSync(partial, folderOf(tool));
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
};

/** Removes what interrupted starts and older versions left, never a tool that this process may itself run on. */
const tidy = () => {
  const keep = new Set([pnpmTool(), nodeTool()].filter((tool) => tool !== undefined).map(folderOf));
  for (const name of existsSync(tools) ? readdirSync(tools) : []) {
    const path = join(tools, name);
    if (/^(partial-\d+|node-[a-z].*|pnpm-exe\..*)$/.test(name) && !keep.has(path))
      rmSync(path, { recursive: true, force: true });
  }
};

/** The tools of this machine: `missing()` names those to get, `get()` gets them. `node` is the program to run with. */
export const toolchain = () => {
  const pnpm = pnpmTool();
  const node = nodeIsCurrent() ? undefined : nodeTool();
  if (node === undefined && !nodeIsCurrent()) {
    throw new Problem(
      `Vedette needs Node ${NODE_VERSION} here; this is ${process.versions.node}, and the registry has no Node for this machine. Install Node 24.11 or later, then run the command again.`,
    );
  }
  const all = [pnpm, ...(node === undefined ? [] : [node])];
  return {
    node: node === undefined ? process.execPath : programOf(node),
    pnpm: programOf(pnpm),
    missing: () => all.filter((tool) => !existsSync(programOf(tool))),
    get: async () => {
      for (const tool of all.filter((each) => !existsSync(programOf(each)))) await install(tool);
      tidy();
    },
    path: node === undefined ? dirname(process.execPath) : dirname(programOf(node)),
  };
};
