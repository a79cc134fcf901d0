import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const setpriv = "/usr/bin/setpriv";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const hasSetpriv = isExecutable(setpriv);

/**
 * The same command, which the system ends when the process that started it is killed. Unchanged where the system cannot do
 * that, and where there is no such program, so that starting it says so. Programs are looked for in `path`, from `cwd`.
 */
export function dieWithHost(
  argv: readonly string[],
  cwd: string,
  path = process.env["PATH"] ?? "",
): string[] {
  const [program = ""] = argv;
  const found = program.includes("/")
    ? isExecutable(resolve(cwd, program))
    : path.split(delimiter).some((folder) => isExecutable(join(folder, program)));
  return hasSetpriv && found ? [setpriv, "--pdeathsig", "KILL", "--", ...argv] : [...argv];
}
