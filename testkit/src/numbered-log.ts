import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { crc32, gzipSync, zstdCompressSync } from "node:zlib";

/** The text of one numbered line: its number, and enough multibyte text of varying length to notice any damage. */
export function numberedLine(n: number): string {
  return `line=${n} Zeile-№ ${"äöü€🙂".slice(0, (n % 5) + 1).padEnd(n % 37, "·")} end=${n}`;
}

/** Sum of the CRC-32 of lines 0 … count-1, the same as ClickHouse's `sum(CRC32(raw))`. */
export function checksumOf(count: number): bigint {
  let sum = 0n;
  for (let n = 0; n < count; n++) sum += BigInt(crc32(numberedLine(n)));
  return sum;
}

/** The ways in which logrotate and its like rotate a file. `remove` deletes it: only what was read before is kept. */
export const rotationKinds = [
  "rename",
  "copytruncate",
  "renameGzip",
  "delayedGzip",
  "copytruncateGzip",
  "renameZstd",
  "dateext",
  "dateextGzip",
  "remove",
] as const;
export type RotationKind = (typeof rotationKinds)[number];

const endings = ["", ".gz", ".zst"] as const;

/** Writes numbered lines to `<dir>/app.log` and rotates it in every way. */
export class NumberedLog {
  readonly #dir: string;
  #next = 0;
  readonly rotations = Object.fromEntries(rotationKinds.map((kind) => [kind, 0])) as Record<
    RotationKind,
    number
  >;

  constructor(dir: string) {
    this.#dir = dir;
    writeFileSync(this.path, "");
  }

  get path(): string {
    return join(this.#dir, "app.log");
  }

  get written(): number {
    return this.#next;
  }

  /** Rotations of all kinds so far. */
  get rotated(): number {
    return Object.values(this.rotations).reduce((sum, count) => sum + count, 0);
  }

  /** Appends lines in pieces that end anywhere, also inside a character, as buffered writers do. */
  append(count: number): void {
    const lines: string[] = [];
    for (let i = 0; i < count; i++) lines.push(`${numberedLine(this.#next++)}\n`);
    const bytes = Buffer.from(lines.join(""));
    const cut = Math.floor(bytes.length * 0.37);
    appendFileSync(this.path, bytes.subarray(0, cut));
    appendFileSync(this.path, bytes.subarray(cut));
  }

  /** Rotates once, keeping so many numbered files. */
  rotate(kind: RotationKind, keep = 200): void {
    const { path } = this;
    this.rotations[kind]++;
    if (kind === "remove") {
      rmSync(path);
      writeFileSync(path, "");
      return;
    }
    const isDated = kind === "dateext" || kind === "dateextGzip";
    const to = isDated ? `${path}-20260102${String(this.rotated).padStart(4, "0")}` : `${path}.1`;
    if (kind === "delayedGzip" && existsSync(to)) compress(to, ".gz");
    if (!isDated) this.#shift(keep);
    if (kind === "copytruncate" || kind === "copytruncateGzip") {
      copyFileSync(path, to);
      truncateSync(path, 0);
    } else {
      renameSync(path, to);
      writeFileSync(path, "");
    }
    if (kind === "renameZstd") compress(to, ".zst");
    if (kind === "renameGzip" || kind === "copytruncateGzip" || kind === "dateextGzip") compress(to, ".gz");
  }

  #shift(keep: number): void {
    for (const ending of endings) rmSync(`${this.path}.${keep}${ending}`, { force: true });
    for (let i = keep - 1; i >= 1; i--) {
      for (const ending of endings) {
        const from = `${this.path}.${i}${ending}`;
        if (existsSync(from)) renameSync(from, `${this.path}.${i + 1}${ending}`);
      }
    }
  }
}

/** As logrotate does: into a new file, in pieces, with the time of the old one, which is then removed. */
function compress(path: string, ending: ".gz" | ".zst"): void {
  const packed = (ending === ".gz" ? gzipSync : zstdCompressSync)(readFileSync(path));
  const { atime, mtime } = statSync(path);
  const file = openSync(`${path}${ending}`, "wx");
  const half = packed.length >> 1;
  writeSync(file, packed.subarray(0, half));
  writeSync(file, packed.subarray(half));
  closeSync(file);
  utimesSync(`${path}${ending}`, atime, mtime);
  rmSync(path);
}
