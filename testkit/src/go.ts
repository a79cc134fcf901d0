import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pause } from "./until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/go/bin"];
const goDir = places.find((dir) => existsSync(join(dir, "go")));

/** Why plugins in Go cannot be built here; undefined where they can. */
export const withoutGo = goDir === undefined ? "Go is not installed" : undefined;

async function go(cwd: string, ...args: string[]): Promise<string> {
  const path = [goDir, join(root, "node_modules", ".bin"), dirname(process.execPath), process.env["PATH"]];
  const env = { ...process.env, PATH: path.join(delimiter), GOFLAGS: "-mod=mod" };
  const [file = "", ...rest] = args;
  for (let attempt = 1; ; attempt++) {
    try {
      const { stdout } = await run(file, rest, { cwd, env, maxBuffer: 1 << 24, timeout: 600_000 });
      return stdout;
    } catch (error) {
      // A proxy of modules that is away for a moment says nothing of what is tested.
      if (attempt === 3 || !away.test(String((error as { readonly stderr?: string }).stderr))) throw error;
      await pause(attempt * 5_000);
    }
  }
}

const away = /dial tcp|i\/o timeout|connection reset|unexpected EOF|TLS handshake|50[0234] /;

/** Built plugins, by name. */
export interface GoPlugins {
  readonly dir: string;
  file(name: string): string;
  remove(): void;
}

const plugins = (dir: string): GoPlugins => ({
  dir,
  file: (name) => join(dir, "bin", name),
  remove: () => rmSync(dir, { recursive: true, force: true }),
});

const proto = join(root, "proto");

/** Builds the plugins of tests/go with what stands in for the SDK. */
export async function buildGoPlugins(...tags: string[]): Promise<GoPlugins> {
  const dir = mkdtempSync(join(tmpdir(), "vgo-"));
  cpSync(join(root, "tests", "go"), dir, { recursive: true });
  const only = ["--path", join(proto, "plugins")];
  await go(join(dir, "stand-in"), "buf", "generate", "--template", "buf.gen.yaml", ...only, proto);
  const flags = tags.length > 0 ? [`-tags=${tags.join(",")}`] : [];
  mkdirSync(join(dir, "bin"));
  await go(join(dir, "plugins"), "go", "build", ...flags, "-o", join(dir, "bin"), "./...");
  return plugins(dir);
}

/** Builds the example of deploy/socket-plugins, as its README says. */
export async function buildGoExample(): Promise<GoPlugins> {
  const dir = mkdtempSync(join(tmpdir(), "vgo-"));
  cpSync(join(root, "deploy", "socket-plugins", "go"), dir, { recursive: true });
  const only = ["--path", join(proto, "plugins"), "--path", join(proto, "vedette", "plugins")];
  await go(dir, "buf", "generate", "--template", "buf.gen.yaml", ...only, proto);
  mkdirSync(join(dir, "bin"));
  await go(dir, "go", "build", "-o", join(dir, "bin", "my-enricher"), ".");
  return plugins(dir);
}

/** Builds what answers what Go's own libraries make of a question. */
export async function buildGoOracle(): Promise<GoPlugins> {
  const dir = mkdtempSync(join(tmpdir(), "vgo-"));
  cpSync(join(root, "tests", "go", "oracle"), dir, { recursive: true });
  mkdirSync(join(dir, "bin"));
  await go(dir, "go", "build", "-o", join(dir, "bin", "oracle"), ".");
  return plugins(dir);
}

/** Builds the parsing plugin with the official SDK; a text says why the module proxy does not have it. */
export async function buildWithGoSdk(version: string): Promise<GoPlugins | string> {
  const dir = mkdtempSync(join(tmpdir(), "vgo-"));
  cpSync(join(root, "tests", "go", "plugins", "my-enricher"), dir, { recursive: true });
  writeFileSync(join(dir, "go.mod"), "module example.com/plugin\n\ngo 1.25.0\n");
  try {
    await go(dir, "go", "mod", "download", `github.com/threatwinds/go-sdk@${version}`);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    return String((error as { readonly stderr?: string }).stderr ?? error)
      .trim()
      .slice(-300);
  }
  await go(dir, "go", "get", `github.com/threatwinds/go-sdk@${version}`);
  await go(dir, "go", "mod", "tidy");
  mkdirSync(join(dir, "bin"));
  await go(dir, "go", "build", "-o", join(dir, "bin", "my-enricher"), ".");
  return plugins(dir);
}
