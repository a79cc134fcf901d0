import {
  chmodSync,
  lchownSync,
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
import { type Confinement, ownFolders } from "../isolation/index.ts";

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
  /** The user whose it is, where that is not ours. */
  readonly user?: number;
}

/** Folders that plugins write in, as the SDK expects them. */
const theirs = ["sockets", "pipeline", "plugins", "rules", "geolocation", "logs"] as const;

/**
 * Makes the work folder of one plugin, in the folder of its own that it is confined to. Throws `config.invalid` where a socket's
 * path would be too long.
 */
export function openOwnWorkDir({ home, user }: Confinement, run: string): WorkDir {
  const dir = { ...workDirAt(home), run, user };
  requireShort(dir.engineSocket);
  ownFolders(home, user, theirs);
  return dir;
}

/** Makes the folders. Throws `config.invalid` where a socket's path would be too long. */
export function openWorkDir(root: string): WorkDir {
  const dir = workDirAt(root);
  requireShort(dir.engineSocket);
  const folders = [dir.run, ...theirs.map((name) => join(root, name))];
  for (const folder of [root, ...folders]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Sockets have no login of their own: who may enter the folder is who may speak.
  chmodSync(root, 0o700);
  return dir;
}

function workDirAt(root: string): WorkDir {
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    sockets: at("sockets"),
    pipeline: at("pipeline"),
    plugins: at("plugins"),
    run: at("run"),
    engineSocket: at("sockets", "engine_server.sock"),
    lock: at("pipeline", "config.lock"),
  };
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
  { pipeline, user }: WorkDir,
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
  // The folder can be a plugin's: what lies there under this name may be a link to something else.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
  if (user !== undefined) lchownSync(temporary, user, user);
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
