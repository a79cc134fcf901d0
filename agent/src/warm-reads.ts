import { read, readSync } from "node:fs";

/** A read that takes longer did not come out of the system's memory, or this program had to wait for a core. */
const slowMs = 5;
/** For so long after a read from the medium others are left to a thread. */
const warmAfterMs = 1_000;
/** So many slow reads in a row came from a medium, whatever the system says of them. */
const slowInRow = 3;

/** A slow read came from a medium if that was asked for half of its bytes, or of as many where it was longer: others ask it as well. */
const mediumBytes = 64 << 10;
/** For so long is what was asked before taken for what was asked before a read. */
const sampleMs = 100;

/** Sectors that the system asked a medium for, for this program's reads. A file system that is no block device's may not count them. */
const asked = (): number => process.resourceUsage().fsRead;
const sectorBytes = 512;
let lastAsked = 0;
let sampledAt = Number.NEGATIVE_INFINITY;

/**
 * Reads a file where it lies in the system's memory: at once, as a thread would take as long again to be asked, and leave the bytes in
 * the cache of another core. Where it does not, threads read for a while; always, where its file system may hang.
 */
export class WarmReads {
  readonly #fd: number;
  #directAt: number;
  #slow = 0;

  constructor(fd: number, mayHang: boolean) {
    this.#fd = fd;
    this.#directAt = mayHang ? Number.POSITIVE_INFINITY : 0;
  }

  /** Reads into memory from an offset on; resolves with how many bytes, 0 at the end of the file. */
  read(memory: Uint8Array, offset: number): number | Promise<number> {
    const began = performance.now();
    if (began < this.#directAt) return this.#byThread(memory, offset);
    if (began - sampledAt > sampleMs) sample(began);
    const count = readSync(this.#fd, memory, 0, memory.length, offset);
    const ended = performance.now();
    if (ended - began <= slowMs) this.#slow = 0;
    else if (this.#isFromMedium(count, ended)) this.#directAt = ended + warmAfterMs;
    return count;
  }

  #isFromMedium(bytes: number, now: number): boolean {
    const before = lastAsked;
    sample(now);
    this.#slow++;
    const read = (lastAsked - before) * sectorBytes;
    return read * 2 >= Math.min(Math.max(1, bytes), mediumBytes) || this.#slow >= slowInRow;
  }

  #byThread(memory: Uint8Array, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, memory, 0, memory.length, offset, (error, count) =>
        error ? reject(error) : resolve(count),
      );
    });
  }
}

function sample(now: number): void {
  lastAsked = asked();
  sampledAt = now;
}
