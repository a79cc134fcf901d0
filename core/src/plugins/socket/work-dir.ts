import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { VedetteError } from "@vedette/sdk";
import { stringify } from "yaml";

/** Most bytes of a Unix socket's path on Linux, without the zero at its end (unix(7)). */
const maxPathBytes = 107;
/** Age after which a lock of the SDK is nobody's: its loads take milliseconds, and its own monitor waits as long. */
const staleLockMs = 60_000;

/** The work folder that plugins share with us, laid out as the SDK expects it. */
export interface WorkDir {
  readonly root: string;
  readonly sockets: string;
  readonly pipeline: string;
  readonly plugins: string;
  /** Who was started, for the host that comes after this one. */
  readonly run: string;
  readonly engineSocket: string;
  readonly lock: string;
}

/** Makes the folders. Throws `config.invalid` where a socket's path would be too long. */
export function openWorkDir(root: string): WorkDir {
  const at = (...parts: string[]): string => join(root, ...parts);
  const dir: WorkDir = {
    root,
    sockets: at("sockets"),
    pipeline: at("pipeline"),
    plugins: at("plugins"),
    run: at("run"),
    engineSocket: at("sockets", "engine_server.sock"),
    lock: at("pipeline", "config.lock"),
  };
  requireShort(dir.engineSocket);
  const folders = [
    dir.sockets,
    dir.pipeline,
    dir.plugins,
    dir.run,
    at("rules"),
    at("geolocation"),
    at("logs"),
  ];
  for (const folder of [root, ...folders]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Sockets have no login of their own: who may enter the folder is who may speak.
  chmodSync(root, 0o700);
  return dir;
}

/** Throws `config.invalid` for a socket's path that the system would cut or refuse. */
export function requireShort(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= maxPathBytes) return;
  const message = `The socket ${path} has a path of ${bytes} bytes; the system takes ${maxPathBytes}. Choose a shorter socketPlugins.workDir, such as /run/vedette.`;
  throw new VedetteError("config.invalid", message, { verdict: "stop" });
}

/** Writes what plugins read, so that nobody ever sees half of it. */
export function writePluginConfig(
  { pipeline }: WorkDir,
  settings: Readonly<Record<string, unknown>>,
  order: Readonly<Record<string, readonly string[] | undefined>>,
): void {
  const plugins: Record<string, unknown> = { ...settings };
  for (const [kind, names] of Object.entries(order)) {
    if (names === undefined) continue;
    const own = plugins[kind];
    plugins[kind] = { ...(typeof own === "object" && own !== null ? own : {}), order: names };
  }
  const text = `# Written by Vedette from socketPlugins.settings and .order; changes are lost.\n${stringify({ plugins })}`;
  const file = join(pipeline, "vedette.yaml");
  // Plugins read a changed file again; one that is the same must not look changed.
  if (read(file) === text) return;
  const temporary = join(pipeline, ".vedette.yaml.new");
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}

/** Takes away a lock that its plugin left behind. Call with `always` where no plugin runs. */
export function removeStaleLock({ lock }: WorkDir, always: boolean): void {
  const age = ageOf(lock);
  if (age !== undefined && (always || age > staleLockMs)) rmSync(lock, { force: true });
}

/** True while a plugin reads its configuration. */
export const isLocked = ({ lock }: WorkDir): boolean => ageOf(lock) !== undefined;

/** The names in a folder; none where somebody took it away. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function ageOf(file: string): number | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && Date.now() - stat.mtimeMs;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
