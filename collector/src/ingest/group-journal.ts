import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { freeBytes, openFrame, takeMemory } from "@vedette/core/batch";
import { schemaVersion } from "@vedette/sdk";
import type { Arrival, GroupJournal } from "./store-queue.ts";

const magic = 0x4744_4456; // "VDDG", little endian
/** Magic, number of frames, bytes behind this header, CRC-32 of those. */
const headerBytes = 16;
const slotName = /^group-\d+$/;

/** A group that a crash left, and what forgets it once its batches are noted as stored. */
export interface LeftGroup {
  readonly group: readonly Arrival[];
  forget(): Promise<void>;
}

/**
 * Groups on disk, for collectors that agents ship to directly. One file a group that is being stored, written over by
 * later ones; there are as many as groups at a time. A group holds its frames, so the next start stores it without
 * asking the agents.
 */
export class GroupFiles implements GroupJournal {
  readonly #dir: string;
  readonly #free: FileHandle[] = [];
  readonly #all: FileHandle[] = [];
  #made = 0;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Opens the folder and gives the groups that a crash left. Torn ones were never stored; they are passed over. */
  static async open(dir: string): Promise<{ journal: GroupFiles; left: readonly LeftGroup[] }> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const journal = new GroupFiles(dir);
    const left: LeftGroup[] = [];
    for (const name of (await readdir(dir)).filter((each) => slotName.test(each)).sort()) {
      const file = await open(join(dir, name), "r+");
      journal.#all.push(file);
      const group = groupOf(await file.readFile());
      if (group.length > 0) left.push({ group, forget: () => journal.#forget(file) });
      else journal.#free.push(file);
      journal.#made = Math.max(journal.#made, Number(name.slice("group-".length)) + 1);
    }
    return { journal, left };
  }

  async note(group: readonly Arrival[]): Promise<() => Promise<void>> {
    const file = this.#free.pop() ?? (await this.#create());
    try {
      const bytes = bytesOf(group);
      await file.write(bytes, 0, undefined, 0);
      freeBytes(bytes);
      await file.datasync();
    } catch (error) {
      this.#free.push(file);
      throw error;
    }
    return () => this.#forget(file);
  }

  async #forget(file: FileHandle): Promise<void> {
    // Need not reach the disk: a group whose batches are all known is passed over by the next start.
    await file.write(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    this.#free.push(file);
  }

  async #create(): Promise<FileHandle> {
    const file = await open(join(this.#dir, `group-${this.#made++}`), "w", 0o600);
    this.#all.push(file);
    const folder = await open(this.#dir, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return file;
  }

  /** Closes the files. Groups that are not forgotten stay for the next start. */
  async close(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((file) => file.close()));
  }
}

/** In memory that is lent again: half a megabyte a batch. */
function bytesOf(group: readonly Arrival[]): Buffer {
  const size = group.reduce((sum, { frame }) => sum + 4 + frame.length, headerBytes);
  const bytes = takeMemory(size).subarray(0, size);
  let at = headerBytes;
  for (const { frame } of group) {
    bytes.writeUInt32LE(frame.length, at);
    bytes.set(frame, at + 4);
    at += 4 + frame.length;
  }
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(group.length, 4);
  bytes.writeUInt32LE(size - headerBytes, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(headerBytes)), 12);
  return bytes;
}

function groupOf(bytes: Buffer): Arrival[] {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== magic) return [];
  const body = bytes.subarray(headerBytes, headerBytes + bytes.readUInt32LE(8));
  if (crc32(body) !== bytes.readUInt32LE(12)) return [];
  const group: Arrival[] = [];
  for (let at = 0, left = bytes.readUInt32LE(4); left > 0; left--) {
    const length = body.readUInt32LE(at);
    const frame = body.subarray(at + 4, at + 4 + length);
    group.push({ frame, header: openFrame(frame, schemaVersion).header });
    at += 4 + length;
  }
  return group;
}
