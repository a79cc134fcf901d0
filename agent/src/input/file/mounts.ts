import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";

/** A mounted file system as /proc/self/mountinfo tells of it, which never asks the file system itself. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** Whether another machine or process has to answer for it, so that it may hang and tells no changes. */
  readonly isRemote: boolean;
}

/** Everything that is not one of these may hang. Types as the kernel names them. */
const local = new Set(
  "ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs tmpfs ramfs rootfs overlay squashfs erofs iso9660 vfat exfat ntfs3 proc sysfs devtmpfs".split(
    " ",
  ),
);
const everywhere: Mount = { point: sep, type: "unknown", isRemote: false };
const maxLinks = 40;

/** The mounts of this process, innermost last. Empty where the system has no /proc. */
export function readMounts(path = "/proc/self/mountinfo"): Mount[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const [left, right] = line.split(" - ");
    const point = left?.split(" ")[4];
    const type = right?.split(" ")[0];
    if (point === undefined || type === undefined) continue;
    mounts.push({ point: unescaped(point), type, isRemote: !local.has(type) });
  }
  return mounts;
}

/** The mount on which a path lies. Follows links, but asks no file system that may hang. */
export function mountOf(mounts: readonly Mount[], path: string): Mount {
  let done = "";
  let rest = path.split(sep).filter((part) => part !== "");
  for (let links = 0; rest.length > 0; ) {
    const next = `${done}${sep}${rest[0]}`;
    const mount = innermost(mounts, next);
    if (mount.isRemote) return mount;
    rest = rest.slice(1);
    const target = linkTarget(next);
    if (target === undefined) done = next;
    else if (++links > maxLinks) break;
    else {
      rest = [
        ...resolve(dirname(next), target)
          .split(sep)
          .filter((part) => part !== ""),
        ...rest,
      ];
      done = "";
    }
  }
  return innermost(mounts, done);
}

function innermost(mounts: readonly Mount[], path: string): Mount {
  let found = everywhere;
  for (const mount of mounts) {
    const { point } = mount;
    const holds = point === sep || path === point || path.startsWith(`${point}${sep}`);
    // Of two on one point the later one covers the earlier.
    if (holds && point.length >= found.point.length) found = mount;
  }
  return found;
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Blanks and backslashes are written as octal numbers. */
const unescaped = (point: string): string =>
  point.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
