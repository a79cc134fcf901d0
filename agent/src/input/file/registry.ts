import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { type Logger, messageOf } from "@vedette/sdk";
import { z } from "zod";
import { type Disk, nodeDisk, replaceFile } from "../../spool/index.ts";
import { type Fingerprint, fingerprintOf, holds, type Inode, tellingBytes } from "./identity.ts";

const fingerprint = z.strictObject({ end: z.int(), length: z.int(), hash: z.string() });

const record = z.strictObject({
  /** Stands for one generation of one file, for ever. */
  source: z.string(),
  /** Where the generation was first seen; rotated siblings are looked for beside it. */
  path: z.string(),
  dev: z.string(),
  ino: z.string(),
  birth: z.string(),
  /** Offset where reading began: past 0 only for files first seen with `startAt: end`. */
  start: z.int(),
  head: fingerprint,
  tail: fingerprint,
  /** True when the file's content was replaced, so that the inode no longer stands for this generation. */
  replaced: z.boolean(),
  /** The archive that holds the whole generation, as it is named while it does not change, and its bytes. */
  archive: z.strictObject({ key: z.string(), bytes: z.int() }).optional(),
  /** Last seen on disk, milliseconds since 1970. */
  seenAt: z.number(),
});
/** What is known of one generation of a file. */
export type FileRecord = z.infer<typeof record>;

const registryFile = z.strictObject({
  version: z.literal(1),
  /** Inputs that have looked at their files once; later files are new ones and are read from their beginning. */
  started: z.array(z.string()),
  files: z.array(record),
  /** When all inputs had last looked at everything that rotation may have moved, milliseconds since 1970. */
  lookedAt: z.number().optional(),
  /** When the first run of all began. */
  begunAt: z.number().optional(),
});

/**
 * A file that is gone is forgotten after this long. Time of running, not of the wall clock: a clock jump must not
 * forget files that still lie there, as they would be read a second time.
 */
const rememberMs = 8 * 24 * 3_600_000;
const maxRecords = 50_000;

export interface RegistryDeps {
  readonly log: Logger;
  readonly now: () => number;
  /** Offset up to which a source is safe in the spool. */
  readonly checkpoint: (source: string) => number | undefined;
  readonly forget: (source: string) => void;
  readonly disk?: Disk;
}

/**
 * Which generations of files have been seen, shared by all file inputs of an agent and kept in `files.json`.
 * A record is on disk before the first line of its generation is handed on: otherwise a crash would leave
 * checkpoints of a source that nobody can find the file of.
 */
export class FileRegistry {
  readonly #path: string;
  readonly #deps: RegistryDeps;
  readonly #disk: Disk;
  readonly #records = new Map<string, FileRecord>();
  readonly #byInode = new Map<string, Set<FileRecord>>();
  readonly #byPath = new Map<string, Set<FileRecord>>();
  readonly #byArchive = new Map<string, FileRecord>();
  readonly #started = new Set<string>();
  /** Sources that a running input reads. */
  readonly #claims = new Map<string, object>();
  /** How far this process has handed on lines; ahead of the checkpoint while batches are filling. */
  readonly #read = new Map<string, number>();
  readonly #sightings = new Map<string, number>();
  /** Paths under which earlier runs met files. */
  readonly #knownPaths = new Set<string>();
  /** When each running input had looked at everything, milliseconds since 1970. */
  readonly #looked = new Map<object, number>();
  #lastRunLooked: number | undefined;
  #begunAt: number;
  #changed = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(dir: string, deps: RegistryDeps) {
    this.#path = join(dir, "files.json");
    this.#deps = deps;
    this.#disk = deps.disk ?? nodeDisk;
    this.#begunAt = deps.now();
  }

  /** Reads what earlier runs knew. A damaged file is set aside and everything is new. */
  async load(): Promise<void> {
    const bytes = await this.#disk.readFile(this.#path);
    if (!bytes) return;
    try {
      const parsed = registryFile.parse(JSON.parse(bytes.toString("utf8")));
      for (const key of parsed.started) this.#started.add(key);
      this.#lastRunLooked = parsed.lookedAt;
      this.#begunAt = parsed.begunAt ?? 0;
      for (const each of parsed.files) {
        this.#index(each);
        this.#knownPaths.add(each.path);
      }
    } catch (error) {
      this.#deps.log.error(
        { reason: messageOf(error) },
        "The record of known files is damaged; all files are new.",
      );
      await this.#disk.rename(this.#path, `${this.#path}.damaged`);
    }
  }

  hasStarted(input: string): boolean {
    return this.#started.has(input);
  }

  noteStarted(input: string): void {
    if (!this.#started.has(input)) {
      this.#started.add(input);
      this.#changed = true;
    }
  }

  get(source: string): FileRecord | undefined {
    return this.#records.get(source);
  }

  /** Generations that are known. */
  get size(): number {
    return this.#records.size;
  }

  /** Begins a generation. */
  add(path: string, inode: Inode, head: Fingerprint, start: number): FileRecord {
    const source = `file:${randomBytes(10).toString("hex")}`;
    const tail: Fingerprint = { end: 0, length: 0, hash: "" };
    const added: FileRecord = {
      ...inode,
      source,
      path,
      start,
      head,
      tail,
      replaced: false,
      seenAt: this.#deps.now(),
    };
    this.#index(added);
    this.#changed = true;
    return added;
  }

  /** Where to go on reading. */
  resumeAt({ source, start }: FileRecord): number {
    return Math.max(start, this.#deps.checkpoint(source) ?? 0, this.#read.get(source) ?? 0);
  }

  /** Notes how far a generation was read whose file is closed now. */
  noteRead(source: string, offset: number): void {
    this.#read.set(source, offset);
  }

  /** The generation that an open file is the continuation of, by inode and content; undefined when in doubt. */
  identify(fd: number, inode: Inode, size: number): FileRecord | undefined {
    for (const known of this.#byInode.get(inode.ino) ?? []) {
      if (known.replaced || known.birth !== inode.birth) continue;
      // Device numbers may change with a reboot; then the content has to speak.
      if (known.dev !== inode.dev && known.head.length < tellingBytes) continue;
      if (this.#continues(fd, known, size)) return known;
    }
    return undefined;
  }

  /** The generation of an inode whose content is gone: the file was truncated or its number was given anew. */
  replacedBy(inode: Inode): FileRecord | undefined {
    for (const known of this.#byInode.get(inode.ino) ?? []) {
      if (!known.replaced && known.dev === inode.dev) return known;
    }
    return undefined;
  }

  /** The generations that began under a path. */
  at(path: string): readonly FileRecord[] {
    return [...(this.#byPath.get(path) ?? [])];
  }

  /** When the first run of all began, milliseconds since 1970. */
  get begunAt(): number {
    return this.#begunAt;
  }

  /** Whether an earlier run met files under a path. */
  wasKnown(path: string): boolean {
    return this.#knownPaths.has(path);
  }

  /** When an input had looked at everything that rotation may have moved; before its first look, when earlier runs had. */
  lookedAt(input: object): number {
    return this.#looked.get(input) ?? this.#lastRunLooked ?? this.#deps.now();
  }

  /** Notes when an input had looked at everything. */
  noteLooked(input: object, at: number): void {
    this.#looked.set(input, at);
  }

  /** The generations first met in a folder or under a path that begin as some content does. */
  beginningAs(head: Buffer, dir: string, path: string): FileRecord[] {
    const hashes = new Map<number, string>();
    return [...this.#records.values()].filter((known) => {
      const { length, hash } = known.head;
      if (length === 0 || length > head.length) return false;
      if (known.path !== path && dirname(known.path) !== dir) return false;
      const own = hashes.get(length) ?? fingerprintOf(head.subarray(0, length)).hash;
      hashes.set(length, own);
      return own === hash;
    });
  }

  /** The generation whose archive this is, where all of it has been read. */
  archivedAs(key: string): FileRecord | undefined {
    const known = this.#byArchive.get(key);
    return known?.archive && this.resumeAt(known) >= known.archive.bytes ? known : undefined;
  }

  /** The paths under which generations began. */
  paths(): Iterable<string> {
    return this.#byPath.keys();
  }

  /** The generation among some that an open file is a copy of. */
  copyOf(fd: number, size: number, among: Iterable<FileRecord>): FileRecord | undefined {
    for (const known of among) {
      // A short file is known as a copy only by being exactly what was read.
      const telling = known.head.length >= tellingBytes || (size > 0 && size === this.resumeAt(known));
      if (telling && this.#continues(fd, known, size)) return known;
    }
    return undefined;
  }

  /** Whether an open file begins as one of these generations does: it may be a copy that is still being made. */
  beginsAs(fd: number, size: number, among: Iterable<FileRecord>): boolean {
    for (const { head } of among) if (head.length > 0 && size >= head.end && holds(fd, head)) return true;
    return false;
  }

  #continues(fd: number, known: FileRecord, size: number): boolean {
    return (
      size >= this.resumeAt(known) && size >= known.head.end && holds(fd, known.head) && holds(fd, known.tail)
    );
  }

  update(known: FileRecord, change: Partial<Omit<FileRecord, "source">>): void {
    this.#unindex(known);
    Object.assign(known, change);
    this.#index(known);
    this.#changed = true;
  }

  seen(known: FileRecord): void {
    known.seenAt = this.#deps.now();
    this.#sightings.set(known.source, performance.now());
  }

  /** Gives a source to one reader; false where another has it. */
  claim(source: string, owner: object): boolean {
    const holder = this.#claims.get(source);
    if (holder && holder !== owner) return false;
    this.#claims.set(source, owner);
    return true;
  }

  release(source: string, owner: object): void {
    if (this.#claims.get(source) === owner) this.#claims.delete(source);
  }

  /** Whether a file with this inode number is being read. */
  isFollowed(ino: string): boolean {
    for (const { source, replaced } of this.#byInode.get(ino) ?? []) {
      if (!replaced && this.#claims.has(source)) return true;
    }
    return false;
  }

  claimed(source: string): boolean {
    return this.#claims.has(source);
  }

  /** Writes the file where it is behind. Rejects with the system's error, such as on a full disk. */
  save(): Promise<void> {
    const work = this.#saving.then(async () => {
      if (!this.#changed) return;
      this.#changed = false;
      this.#expire();
      const now = this.#deps.now();
      for (const source of this.#claims.keys()) {
        const known = this.#records.get(source);
        if (known) known.seenAt = now;
      }
      const text = JSON.stringify({
        version: 1,
        started: [...this.#started],
        files: [...this.#records.values()],
        begunAt: this.#begunAt,
        lookedAt: Math.min(now, ...this.#looked.values()),
      });
      try {
        await replaceFile(this.#disk, this.#path, Buffer.from(text));
      } catch (error) {
        this.#changed = true;
        throw error;
      }
    });
    this.#saving = work.catch(() => undefined);
    return work;
  }

  #expire(): void {
    const limit = performance.now() - rememberMs;
    const free = [...this.#records.values()].filter(({ source }) => !this.#claims.has(source));
    const excess = this.#records.size - maxRecords;
    if (excess > 0) free.sort((left, right) => left.seenAt - right.seenAt);
    for (const [index, known] of free.entries()) {
      if (index >= excess && (this.#sightings.get(known.source) ?? 0) >= limit) continue;
      this.#records.delete(known.source);
      this.#sightings.delete(known.source);
      this.#read.delete(known.source);
      this.#unindex(known);
      this.#deps.forget(known.source);
    }
  }

  #index(known: FileRecord): void {
    this.#records.set(known.source, known);
    put(this.#byInode, known.ino, known);
    put(this.#byPath, known.path, known);
    if (known.archive) this.#byArchive.set(known.archive.key, known);
  }

  #unindex(known: FileRecord): void {
    this.#byInode.get(known.ino)?.delete(known);
    this.#byPath.get(known.path)?.delete(known);
    if (known.archive) this.#byArchive.delete(known.archive.key);
  }
}

function put(index: Map<string, Set<FileRecord>>, key: string, known: FileRecord): void {
  const set = index.get(key);
  if (set) set.add(known);
  else index.set(key, new Set([known]));
}
