import { accessSync, constants, existsSync, lstatSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Confinement } from "./confinement.ts";
import { tools } from "./tools.ts";

/** What every program needs of the system, to be read. */
const system = [
  ...["/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/run/systemd/resolve", "/sbin", "/usr"],
  ...["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"],
];
/** Variables that would make the programs above do what a plugin wants, while they are root. */
const treacherous =
  /^(LD_|GLIBC_|GCONV_|LOCPATH$|NLSPATH$|MALLOC_|BASH|ENV$|IFS$|SHELLOPTS$|PS4$|PERL|PYTHON(HOME|PATH)$)/;

/**
 * Makes a program's view of the file system, then becomes the program: `root cwd (how path)… -- command…`, where `how` is `ro`, `rw` or
 * `link`. It runs in a mount namespace of its own, so that nothing of it is seen outside and all of it ends with the program.
 */
const view = `
set -e
root=$1 cwd=$2
shift 2
${tools.mount} -t tmpfs -o mode=0755,size=4m,nosuid,nodev vedette "$root"
mkdir -p "$root/proc" "$root/tmp"
${tools.mount} -t proc -o hidepid=2,nosuid,nodev,noexec proc "$root/proc"
${tools.mount} -t tmpfs -o mode=1777,size=64m,nosuid,nodev tmp "$root/tmp"
while [ "$1" != -- ]; do
  how=$1 path=$2
  shift 2
  if [ "$how" = link ]; then
    ln -s "$(readlink "$path")" "$root$path"
    continue
  fi
  if [ -d "$path" ]; then
    mkdir -p "$root$path"
  else
    mkdir -p "$root\${path%/*}"
    [ -e "$root$path" ] || : > "$root$path"
  fi
  ${tools.mount} --bind "$path" "$root$path"
  if [ "$how" = ro ]; then ${tools.mount} -o remount,bind,ro,nosuid "$root$path"; fi
  if [ "$how" = rw ]; then ${tools.mount} -o remount,bind,nosuid,nodev "$root$path"; fi
done
shift
exec ${tools.chroot} "$root" /bin/sh -c 'cd "$1"; shift; exec "$@"' sh "$cwd" "$@"
`;

export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const hasSetpriv = isExecutable(tools.setpriv);

/**
 * How a program is really started: ended by the system when the process that started it is killed, and confined. Unchanged where
 * the system cannot end it and nothing confines it, and where there is no such program, so that starting it says so. Throws where
 * its environment would reach further than the program.
 */
export function launched({ argv, cwd, env }: Launch, confinement?: Confinement): Launch {
  const [program = ""] = argv;
  const found = program.includes("/")
    ? isExecutable(resolve(cwd, program))
    : (env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));
  if (!found || !hasSetpriv) {
    if (confinement && found) throw new Error(`There is no ${tools.setpriv} to confine it with.`);
    return { argv, cwd, env };
  }
  const dies = [tools.setpriv, "--pdeathsig", "KILL"];
  if (!confinement) return { argv: [...dies, "--", ...argv], cwd, env };
  const wrong = Object.keys(env).filter((name) => treacherous.test(name));
  if (wrong.length > 0)
    throw new Error(`The variables ${wrong.join(", ")} cannot be set for a plugin that is confined.`);
  const { user, home, network, files, root } = confinement;
  const lowered = [
    ...[...dies, "--reuid", String(user), "--regid", String(user), "--clear-groups", "--no-new-privs"],
    ...["--inh-caps=-all", "--bounding-set=-all", "--", ...argv],
  ];
  const hosts = typeof network === "object" ? network : undefined;
  const entered = hosts ? [tools.nsenter, `--net=${hosts.namespace}`, "--"] : [];
  const spaces = [...(network === "none" ? ["--net"] : []), ...(files ? ["--mount"] : [])];
  const apart = [...entered, ...(spaces.length > 0 ? [tools.unshare, ...spaces, "--"] : [])];
  const seen = files
    ? ["/bin/sh", "-c", view, "sh", root, cwd, ...mounts(files, [cwd, ...folderOf(argv, cwd)], home), "--"]
    : [];
  return {
    argv: [...apart, ...seen, ...lowered],
    cwd,
    env: {
      ...env,
      ...(hosts && proxied(hosts.proxy)),
      HOME: join(home, "home"),
      TMPDIR: join(home, "tmp"),
    },
  };
}

/** What programs read to find their proxy, for all hosts; Node asks for a word more. */
const proxied = (proxy: string): Record<string, string> => ({
  ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
  ...{ NO_PROXY: "", no_proxy: "", NODE_USE_ENV_PROXY: "1" },
});

/** Where the program is, where that is not in the system's folders. */
function folderOf([program = ""]: readonly string[], cwd: string): string[] {
  if (!program.includes("/")) return [];
  const path = resolve(cwd, program);
  return system.some((folder) => path.startsWith(`${folder}/`)) ? [] : [path];
}

function mounts(
  { readable, writable }: NonNullable<Confinement["files"]>,
  own: readonly string[],
  home: string,
): string[] {
  const how = new Map<string, "ro" | "rw" | "link">();
  for (const path of [...system, ...own, ...readable]) if (existsSync(path)) how.set(path, "ro");
  for (const path of system) if (how.has(path) && lstatSync(path).isSymbolicLink()) how.set(path, "link");
  for (const path of [...writable, home]) if (existsSync(path)) how.set(path, "rw");
  // What is inside another comes after it.
  return [...how.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([path, each]) => [each, path]);
}
