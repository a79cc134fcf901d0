import { closeSync, fstatSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Logger } from "@vedette/sdk";
import type { AgentMetrics } from "../../metrics.ts";
import type { ReadyArchive } from "./archives.ts";
import { type Content, plainContent } from "./content.ts";
import { Follower } from "./follower.ts";
import { headBytes, headOf, holds, inodeOf, isIn, tellingBytes } from "./identity.ts";
import type { LineTaker } from "./line-emitter.ts";
import { lastLineStart, type OpenFile, openFile } from "./open-file.ts";
import type { FileRecord, FileRegistry } from "./registry.ts";
import { namesBeforeRotation } from "./rotation-names.ts";

/** Searches for the copy of a truncated file before its unread end counts as lost. */
const copySearches = 10;
/** Looks at a rotated file that may be a copy in the making before it is left alone until it changes. */
const undecidedLooks = 10;
/** The same for a file that the patterns include under its rotated name. */
const ownNameLooks = 3;

export interface GenerationsDeps {
  readonly registry: FileRegistry;
  readonly metrics: AgentMetrics;
  readonly log: Logger;
  readonly maxLineBytes: number;
  readonly emit: (record: FileRecord) => LineTaker;
  /** Told when the content of a generation was replaced, so that its end may be elsewhere. */
  readonly onReplaced: () => void;
  /** Whether the file system of a path may hang. */
  readonly mayHang: (path: string) => boolean;
}

/** Decides which generation an open file is, and follows each generation exactly once. */
export class Generations {
  /** Those being read, by source. */
  readonly followers = new Map<string, Follower>();
  /** Followers that were read since their record was brought up to date. */
  readonly #touched = new Set<Follower>();
  /** Followers whose record is not on disk yet, with a mark of its last change: not to be read before it is. */
  readonly unsaved = new Map<Follower, object>();
  readonly #detached = new Set<Follower>();
  readonly #deps: GenerationsDeps;
  /** Truncated generations whose unread end may lie in a copy. */
  readonly #orphans = new Map<FileRecord, number>();
  /** Rotated files that need no second look, by inode and birth, with their size then. */
  readonly #settled = new Map<string, number>();
  /** Rotated files to look at again, with their size at the last look and the number of looks. */
  readonly #undecided = new Map<string, { size: number; looks: number }>();

  constructor(deps: GenerationsDeps) {
    this.#deps = deps;
  }

  /** Follows the file at a path. Gives why not where another input or another name has it. Throws system errors. */
  open(path: string, startAtEnd: boolean): Follower | "taken" | "copy" {
    const file = openFile(path);
    let follower: Follower | "taken" | "copy" | undefined;
    try {
      follower = this.#identify(path, file, startAtEnd);
      return follower;
    } finally {
      if (!(follower instanceof Follower) || follower.content.fd !== file.fd) closeSync(file.fd);
    }
  }

  #identify(path: string, file: OpenFile, startAtEnd: boolean): Follower | "taken" | "copy" {
    const { registry } = this.#deps;
    const known = registry.identify(file.fd, file.inode, file.size);
    if (known) {
      const following = this.followers.get(known.source);
      if (following) {
        this.own(following, path);
        return following;
      }
      if (registry.claimed(known.source)) return "taken";
      return this.#follow(known, file, path);
    }
    for (const before of namesBeforeRotation(basename(path))) {
      const copied = this.#copyOf(file, join(dirname(path), before));
      if (copied) return this.#adopt(copied, file, path) ?? "copy";
    }
    if (this.#isUndecidedCopy(path, file)) return "copy";
    const gone = registry.replacedBy(file.inode);
    if (gone) this.#replaced(gone, registry.resumeAt(gone));
    return this.#begin(path, file, startAtEnd ? lastLineStart(file, this.#deps.maxLineBytes) : 0, path);
  }

  /**
   * Whether a file under a rotated name may be a copy that is still being made: empty, shorter than a head, or equal
   * to the beginning of what was read. It is left alone until it has kept its size for some looks.
   */
  #isUndecidedCopy(path: string, file: OpenFile): boolean {
    const { registry } = this.#deps;
    const originals = namesBeforeRotation(basename(path)).flatMap((name) =>
      registry.at(join(dirname(path), name)),
    );
    const key = `${file.inode.ino}:${file.inode.birth}`;
    const mayBeCopy = file.size < headBytes || registry.beginsAs(file.fd, file.size, originals);
    const { size, looks } = this.#undecided.get(key) ?? { size: -1, looks: 0 };
    if (originals.length === 0 || !mayBeCopy || (size === file.size && looks >= ownNameLooks)) {
      this.#undecided.delete(key);
      return false;
    }
    if (this.#undecided.size < 1_000) this.#undecided.set(key, { size: file.size, looks: looks + 1 });
    return true;
  }

  /**
   * Makes sure that a file can be told by its content before its first lines are handed on: otherwise a crash would
   * leave a checkpoint of a generation whose copy nobody recognises. True when its record must be saved first.
   */
  needsHead(follower: Follower): boolean {
    const { record } = follower;
    const { fd } = follower.content;
    if (fd === undefined || record.head.length >= tellingBytes) return false;
    const head = headOf(fd, headBytes);
    if (head.length <= record.head.length) return false;
    this.#deps.registry.update(record, { head });
    this.unsaved.set(follower, {});
    return true;
  }

  /**
   * Makes sure that what is being read under a path or in a folder can be told by its content, also where the record was
   * made when the file was still empty.
   */
  tellHeads(path: string, dir: string): void {
    for (const follower of this.followers.values()) {
      const { record } = follower;
      if (record.head.length >= tellingBytes) continue;
      if (record.path === path || dirname(record.path) === dir) this.needsHead(follower);
    }
  }

  /** Those under a path or in a folder whose file no longer begins as their record says: their content was replaced. */
  replaced(path: string, dir: string): Follower[] {
    return [...this.followers.values()].filter(({ record, content }) => {
      if (record.path !== path && dirname(record.path) !== dir) return false;
      return content.fd !== undefined && !holds(content.fd, record.head);
    });
  }

  /** Starts over on a file whose content was replaced under the reader's descriptor. Gives who of this input reads it now. */
  restart(follower: Follower): Follower | undefined {
    const { record, owner } = follower;
    const { fd } = follower.content;
    if (fd === undefined) throw new Error("The content of an archive was replaced under its descriptor.");
    this.#leave(follower);
    this.#deps.metrics.rotations.add(1, { kind: "truncated" });
    this.#replaced(record, follower.offset);
    const stats = fstatSync(fd, { bigint: true });
    const file: OpenFile = { fd, inode: inodeOf(stats), size: Number(stats.size) };
    // It may be known by now: rotation gave it another name, under which it was met anew.
    const known = this.#deps.registry.identify(fd, file.inode, file.size);
    if (!known) return this.#begin(record.path, file, 0, owner);
    const following = this.followers.get(known.source);
    if (!following && !this.#deps.registry.claimed(known.source)) return this.#follow(known, file, owner);
    follower.close();
    return following;
  }

  /**
   * Finds what rotation moved away before it was seen or read: call when names changed and while `searching`. The
   * folder is that of the file itself where the path is a link.
   */
  siblings(path: string, dir: string, names: readonly string[]): void {
    const records = this.#deps.registry.at(path);
    if (records.length === 0) return;
    let oldest = BigInt(records[0]!.birth);
    for (const { birth } of records) if (BigInt(birth) < oldest) oldest = BigInt(birth);
    const current = statSync(path, { bigint: true, throwIfNoEntry: false })?.birthtimeNs;
    for (const name of names) {
      try {
        this.#sibling(path, join(dir, name), oldest, current);
      } catch {
        // Gone or not readable: the next change of the folder brings it back.
      }
    }
  }

  #sibling(path: string, sibling: string, oldest: bigint, current: bigint | undefined): void {
    const stats = statSync(sibling, { bigint: true });
    const key = `${stats.ino}:${stats.birthtimeNs}`;
    const size = Number(stats.size);
    if (
      !stats.isFile() ||
      size === 0 ||
      this.#settled.get(key) === size ||
      this.#deps.registry.isFollowed(String(stats.ino))
    )
      return;
    const file = openFile(sibling);
    let found: Follower | "settled" | "undecided" = "settled";
    try {
      found = this.#judge(path, file, key, oldest, current);
    } finally {
      if (!(found instanceof Follower)) closeSync(file.fd);
      if (found !== "undecided") this.#undecided.delete(key);
      if (found === "settled") this.#settle(key, size);
    }
  }

  /** What a rotated file beside a path is to us. */
  #judge(
    path: string,
    file: OpenFile,
    key: string,
    oldest: bigint,
    current: bigint | undefined,
  ): Follower | "settled" | "undecided" {
    const { registry, metrics } = this.#deps;
    const known = registry.identify(file.fd, file.inode, file.size);
    if (known) {
      registry.seen(known);
      const unread = !registry.claimed(known.source) && file.size > registry.resumeAt(known);
      return unread ? this.#follow(known, file, undefined) : "settled";
    }
    const copied = this.#copyOf(file, path);
    const adopted = copied && this.#adopt(copied, file, undefined);
    if (adopted) return adopted;
    if (copied?.replaced) return "settled";
    const birth = BigInt(file.inode.birth);
    if (birth === 0n || birth < oldest) return "settled";
    // Created after the first generation that was followed here, with content nobody has seen: it came and went
    // between two looks. One that is younger than the present file is a copy, which may still be growing.
    const isYounger = current === undefined || birth > current;
    const mayBeCopy =
      copied !== undefined || (isYounger && registry.beginsAs(file.fd, file.size, registry.at(path)));
    if (mayBeCopy || isYounger) {
      const { size, looks } = this.#undecided.get(key) ?? { size: -1, looks: 0 };
      const isSettled = size === file.size && looks >= (mayBeCopy ? undecidedLooks : 1);
      if (!isSettled) {
        if (this.#undecided.size < 1_000) this.#undecided.set(key, { size: file.size, looks: looks + 1 });
        return "undecided";
      }
      if (mayBeCopy) return (copied && this.#rescue(copied, file)) ?? "settled";
    }
    metrics.rotations.add(1, { kind: "missed" });
    return this.#begin(path, file, 0, undefined);
  }

  #settle(key: string, size: number): void {
    if (this.#settled.size > 10_000) this.#settled.clear();
    this.#settled.set(key, size);
  }

  /** True while looking at the siblings again may bring something, though no name changed. */
  get searching(): boolean {
    return this.#orphans.size > 0 || this.#undecided.size > 0;
  }

  /** Counts a look at all siblings: the copy of a truncated file is there by then or never. */
  searched(): void {
    for (const [record, searches] of this.#orphans) {
      if (!record.replaced || searches <= 1) this.#orphans.delete(record);
      else this.#orphans.set(record, searches - 1);
    }
  }

  /** Reads what an archive holds of a generation; undefined where that was read elsewhere in the meantime. */
  followArchive({ path, content, known, inode, head, offset }: ReadyArchive): Follower | undefined {
    const { registry, metrics } = this.#deps;
    if (known && (registry.claimed(known.source) || registry.resumeAt(known) !== offset)) {
      content.close();
      return undefined;
    }
    metrics.rotations.add(1, { kind: "archived" });
    const record = known ?? registry.add(path, inode, head, 0);
    // The inode is the archive's and never stands for the generation.
    if (!known) registry.update(record, { replaced: true });
    const follower = this.#read(record, content, undefined);
    // Also a known one may have been replaced before its record was ever written.
    this.unsaved.set(follower, {});
    return follower;
  }

  /** Ends the reading of a generation; it can be taken up again. */
  close(follower: Follower): void {
    this.#leave(follower);
    follower.close();
  }

  #leave(follower: Follower): void {
    const { source } = follower.record;
    this.#remember(follower);
    this.followers.delete(source);
    this.unsaved.delete(follower);
    this.#detached.delete(follower);
    this.#touched.delete(follower);
    this.#deps.registry.release(source, this);
  }

  /** Followers without a path that an input includes: renamed, deleted, or in an archive. */
  get detached(): Iterable<Follower> {
    return this.#detached;
  }

  /** A path includes a follower from now on, or none does any more. */
  own(follower: Follower, owner: string | undefined): void {
    follower.owner = owner;
    if (owner === undefined) this.#detached.add(follower);
    else this.#detached.delete(follower);
  }

  /** Notes that more of a file was read. */
  touched(follower: Follower): void {
    this.#touched.add(follower);
  }

  /** Brings the records up to what was read. */
  note(): void {
    for (const follower of this.#touched) this.#remember(follower);
    this.#touched.clear();
  }

  #remember(follower: Follower): void {
    const { registry } = this.#deps;
    registry.noteRead(follower.record.source, follower.offset);
    const { head, tail } = follower.fingerprints();
    const { record } = follower;
    registry.seen(record);
    if (head.end === record.head.end && tail.end === record.tail.end) return;
    // A head of the discovery may be longer than what was read of it so far.
    registry.update(record, head.end >= record.head.end ? { head, tail } : { tail });
  }

  #copyOf(file: OpenFile, path: string): FileRecord | undefined {
    const records = this.#deps.registry.at(path);
    for (const { source } of records) {
      const follower = this.followers.get(source);
      if (follower) this.#remember(follower);
    }
    return this.#deps.registry.copyOf(file.fd, file.size, records);
  }

  /** Goes on in a copy where the original is gone; undefined while the original is still read or has nothing more. */
  #adopt(record: FileRecord, file: OpenFile, owner: string | undefined): Follower | undefined {
    const { registry } = this.#deps;
    if (!record.replaced || registry.claimed(record.source) || file.size <= registry.resumeAt(record))
      return undefined;
    this.#deps.metrics.rotations.add(1, { kind: "copied" });
    registry.update(record, { ...file.inode, replaced: false });
    const follower = this.#follow(record, file, owner);
    this.unsaved.set(follower, {});
    return follower;
  }

  /** Goes on in a copy whose original is gone, though nobody saw it truncated: that and its end came between two runs. */
  #rescue(record: FileRecord, file: OpenFile): Follower | undefined {
    const { registry } = this.#deps;
    const offset = registry.resumeAt(record);
    const isUnread = file.size > offset && !registry.claimed(record.source);
    if (!isUnread || isIn(dirname(record.path), record)) return undefined;
    this.#replaced(record, offset);
    return this.#adopt(record, file, undefined);
  }

  #replaced(record: FileRecord, offset: number): void {
    const { registry } = this.#deps;
    registry.update(record, { replaced: true });
    registry.noteRead(record.source, offset);
    if (this.#orphans.size < 1_000) this.#orphans.set(record, copySearches);
    // What was passed over as a mere copy may now be all that is left.
    this.#settled.clear();
    this.#deps.onReplaced();
  }

  #begin(path: string, file: OpenFile, start: number, owner: string | undefined): Follower {
    const { registry } = this.#deps;
    const head = headOf(file.fd, Math.min(headBytes, file.size));
    const record = registry.add(path, file.inode, head, start);
    const follower = this.#follow(record, file, owner);
    this.unsaved.set(follower, {});
    return follower;
  }

  #follow(record: FileRecord, file: OpenFile, owner: string | undefined): Follower {
    const { registry, mayHang } = this.#deps;
    if (record.dev !== file.inode.dev) registry.update(record, { dev: file.inode.dev });
    return this.#read(record, plainContent(file.fd, mayHang(owner ?? record.path)), owner);
  }

  #read(record: FileRecord, content: Content, owner: string | undefined): Follower {
    const { registry, maxLineBytes, emit } = this.#deps;
    registry.claim(record.source, this);
    registry.seen(record);
    const follower = new Follower(
      record,
      content,
      registry.resumeAt(record),
      owner,
      maxLineBytes,
      emit(record),
      performance.now(),
    );
    this.followers.set(record.source, follower);
    if (owner === undefined) this.#detached.add(follower);
    return follower;
  }
}
