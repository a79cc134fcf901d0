import { frameSize, freeBytes, prefixBytes, takeMemory } from "@vedette/core/batch";
import type { Disk, DiskFile } from "./disk.ts";

/** Where a batch stands in the agent's order. */
export interface Place {
  readonly epoch: number;
  readonly sequence: number;
}

export const comparePlaces = (left: Place, right: Place): number =>
  left.epoch - right.epoch || left.sequence - right.sequence;

const pattern = /^(\d{12})-(\d{12})\.seg$/;
const padded = (value: number): string => String(value).padStart(12, "0");

/** Name of the segment that starts with this batch; names sort as the batches do. */
export const segmentName = ({ epoch, sequence }: Place): string => `${padded(epoch)}-${padded(sequence)}.seg`;

/** The first batch of a segment by its name; undefined where the name is not a segment's. */
export function parseSegmentName(name: string): Place | undefined {
  const match = pattern.exec(name);
  return match ? { epoch: Number(match[1]), sequence: Number(match[2]) } : undefined;
}

/** One file of frames, back to back. Holds only frames known to be on disk. */
export class Segment {
  readonly path: string;
  readonly first: Place;
  readonly #disk: Disk;
  /** Per frame: its offset and sequence. Sequences ascend; after damage some may be missing. */
  readonly #offsets: number[] = [];
  readonly #sequences: number[] = [];
  #size = 0;
  #acknowledged = 0;
  #file: Promise<DiskFile> | undefined;

  constructor(disk: Disk, path: string, first: Place) {
    this.#disk = disk;
    this.path = path;
    this.first = first;
  }

  /** Bytes of all frames. */
  get size(): number {
    return this.#size;
  }

  get frames(): number {
    return this.#sequences.length;
  }

  get done(): boolean {
    return this.#acknowledged >= this.#sequences.length;
  }

  get unacknowledged(): number {
    return this.#sequences.length - this.#acknowledged;
  }

  file(): Promise<DiskFile> {
    this.#file ??= this.#disk.open(this.path, true).catch((error: unknown) => {
      this.#file = undefined;
      throw error;
    });
    return this.#file;
  }

  /** Notes a frame that is on disk right behind the last one. */
  add(sequence: number, bytes: number): void {
    this.#offsets.push(this.#size);
    this.#sequences.push(sequence);
    this.#size += bytes;
  }

  noteAcknowledged(): void {
    this.#acknowledged++;
  }

  has(sequence: number): boolean {
    return this.#sequences[this.#index(sequence)] === sequence;
  }

  /** The sequences from this one on, ascending. */
  *from(sequence: number): Iterable<number> {
    // Read live: the sender walks while batches are appended.
    for (let i = this.#index(sequence); i < this.#sequences.length; i++) yield this.#sequences[i]!;
  }

  /** Reads the frame of a batch, into memory that `freeBytes` lends again; undefined where the file no longer holds it. */
  async read(sequence: number): Promise<Buffer | undefined> {
    const index = this.#index(sequence);
    if (this.#sequences[index] !== sequence) return undefined;
    const start = this.#offsets[index]!;
    const end = this.#offsets[index + 1] ?? this.#size;
    const memory = takeMemory(end - start).subarray(0, end - start);
    const frame = memory.subarray(0, await (await this.file()).read(start, memory));
    if (frame.length >= prefixBytes && frameSize(frame) === frame.length) return frame;
    freeBytes(memory);
    return undefined;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await (await file?.catch(() => undefined))?.close();
  }

  /** Place of the first sequence at or after the given one. */
  #index(sequence: number): number {
    let low = 0;
    let high = this.#sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sequences[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
