import {
  appendFileSync,
  copyFileSync,
  existsSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

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

/** Writes numbered lines to `<dir>/app.log` and rotates it both ways, as logrotate would. */
export class NumberedLog {
  readonly #dir: string;
  #next = 0;
  #rotations = 0;

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

  get rotations(): number {
    return this.#rotations;
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

  #shift(keep: number): void {
    rmSync(`${this.path}.${keep}`, { force: true });
    for (let i = keep - 1; i >= 1; i--) {
      if (existsSync(`${this.path}.${i}`)) renameSync(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    }
  }

  rotateByRename(keep: number): void {
    this.#shift(keep);
    renameSync(this.path, `${this.path}.1`);
    writeFileSync(this.path, "");
    this.#rotations++;
  }

  rotateByCopy(keep: number): void {
    this.#shift(keep);
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path, 0);
    this.#rotations++;
  }
}
