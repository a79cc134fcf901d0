import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";

/**
 * Mounts a memory file system of its own size on a folder and gives what unmounts it; undefined where this machine or
 * user is not allowed to.
 */
export function smallDisk(path: string, mebibytes: number): (() => void) | undefined {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() !== 0) return undefined;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0700`, "tmpfs", path], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  return () => execFileSync("umount", ["-l", path]);
}

/** Adds zeros to a file until nothing more fits on its disk; again, where something was deleted meanwhile. */
export function fillDisk(path: string): void {
  const file = openSync(path, "a");
  for (let size = 1 << 20; size >= 512; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size >>= 1;
    }
  }
  closeSync(file);
}
