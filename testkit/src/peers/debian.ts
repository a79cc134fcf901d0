import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Unpacked packages, kept between runs beside the other tools of the checkout. */
const cache = fileURLToPath(new URL("../../../.tools/debian", import.meta.url));

/**
 * Unpacks Debian packages into a folder of their own, without installing them: rsyslog and syslog-ng refuse to be
 * installed together. Gives the folder, or undefined where apt-get or the packages are not to be had.
 */
export function unpackDebian(name: string, packages: readonly string[]): string | undefined {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, `${name}-`));
  try {
    const quiet = { cwd: partial, stdio: "ignore", timeout: 180_000 } as const;
    const download = () =>
      execFileSync("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", ...packages], quiet);
    try {
      download();
    } catch {
      // The lists may be missing or old.
      execFileSync("apt-get", ["update", "-qq"], quiet);
      download();
    }
    for (const file of readdirSync(partial)) {
      if (!file.endsWith(".deb")) continue;
      execFileSync("dpkg", ["-x", file, "root"], quiet);
    }
    renameSync(join(partial, "root"), folder);
    return folder;
  } catch {
    return undefined;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Where packages for this machine keep their libraries, as LD_LIBRARY_PATH takes it. */
export function librariesOf(folder: string): readonly string[] {
  return ["lib", join("usr", "lib")].flatMap((part) => {
    const lib = join(folder, part);
    const names = existsSync(lib) ? readdirSync(lib) : [];
    return names.filter((name) => name.endsWith("-linux-gnu")).map((name) => join(lib, name));
  });
}
