import { hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writevSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInThisContext, Script } from "node:vm";
import { crc32 } from "node:zlib";

/** The file begins with a CRC-32 of its index and how many entries this has: a SHA-256, the size of the code, its CRC-32. */
const frontBytes = 8;
const digestBytes = 32;
const entryBytes = digestBytes + 8;
/** A file keeps no more; what this run did not use is left out first. */
const mostEntries = 64;
const mostBytes = 4 << 20;
/** In what V8 makes of modules as well as of scripts: the word that tells its version, and the one that tells its options. */
const versionAt = 4;
const optionsAt = 12;

/** The V8 that the tests of this file ran with. What its test functions do, V8 promises nobody; no other is trusted with them. */
export const testedV8 = "13.6.233.17-node.53";

/** V8's own functions that its tests use to keep code; no function of Node's does. */
interface Intrinsics {
  /** The module of `bytes` with code that `serialize` gave; undefined where V8 does not take it. */
  restore(code: ArrayBuffer, bytes: Uint8Array): object | undefined;
  /** Ends the process where none of the module's functions is optimized. */
  serialize(module: object): ArrayBuffer;
  /** Of a function that a module exports, and of nothing else. */
  isOptimized(exported: unknown): boolean;
}

interface Entry {
  readonly digest: string;
  readonly size: number;
  readonly crc: number;
  readonly at: number;
}

interface Used {
  readonly module: WeakRef<object>;
  readonly exports: WeakRef<object>;
  /** Functions of which the file had optimized code when it was instantiated. */
  readonly before: number;
}

/**
 * What V8's optimizing compiler made of modules of WebAssembly, kept in a file from one run to the next. A file that is torn, that
 * another user may write, or that another V8 wrote, is as none; its name has to tell versions and options of V8 apart.
 */
export class ModuleCode {
  readonly #place: string;
  readonly #intrinsics: Intrinsics;
  readonly #used = new Map<string, Used>();
  readonly #known = new WeakMap<object, { readonly digest: string; readonly isRestored: boolean }>();

  /** Undefined where this V8 cannot keep code, or is not known to do it well. Reads nothing. */
  static at(place: string): ModuleCode | undefined {
    const intrinsics = process.versions.v8 === testedV8 ? intrinsicsOf() : undefined;
    return intrinsics && new ModuleCode(place, intrinsics);
  }

  private constructor(place: string, intrinsics: Intrinsics) {
    this.#place = place;
    this.#intrinsics = intrinsics;
  }

  /** The module of these bytes with its code, or what `make` gives where none was kept. */
  moduleOf(bytes: Uint8Array, make: () => object): object {
    const digest = hash("sha256", bytes, "hex");
    const restored = this.#restored(digest, bytes);
    const module = restored ?? make();
    this.#known.set(module, { digest, isRestored: restored !== undefined });
    return module;
  }

  /** Notes what an instance of such a module exports. */
  note(module: object, exports: object): void {
    const known = this.#known.get(module);
    if (!known) return;
    const { digest, isRestored } = known;
    const before = this.#used.get(digest)?.before ?? (isRestored ? this.#optimized(exports) : 0);
    this.#used.delete(digest);
    this.#used.set(digest, { module: new WeakRef(module), exports: new WeakRef(exports), before });
    for (const oldest of this.#used.keys()) {
      if (this.#used.size <= mostEntries) break;
      this.#used.delete(oldest);
    }
  }

  /** Writes what the modules in use have, where more of it is optimized than was kept. Gives how many bytes; 0 where there was nothing to do. Throws the system's errors. */
  keep(): number {
    const kept = new Map<string, Buffer>();
    let isNew = false;
    for (const [digest, { module, exports, before }] of this.#used) {
      const [own, exported] = [module.deref(), exports.deref()];
      const optimized = own && exported ? this.#optimized(exported) : 0;
      if (!own || optimized === 0) continue;
      const code = Buffer.from(this.#intrinsics.serialize(own));
      if (!hasOptions(code)) return 0;
      kept.set(digest, code);
      isNew ||= optimized > before;
    }
    if (!isNew) return 0;
    this.#others(kept);
    return this.#write(kept);
  }

  #optimized(exports: object): number {
    const functions = Object.values(exports).filter((one) => typeof one === "function");
    return functions.filter((one) => this.#intrinsics.isOptimized(one)).length;
  }

  #restored(digest: string, bytes: Uint8Array): object | undefined {
    try {
      const code = this.#withFile((file) => {
        const entry = indexOf(file).find((one) => one.digest === digest);
        return entry && codeOf(file, entry);
      });
      return code && this.#intrinsics.restore(withOptions(code), bytes);
    } catch {
      return undefined;
    }
  }

  /** Puts what the file has of other modules behind these. */
  #others(kept: Map<string, Buffer>): void {
    try {
      this.#withFile((file) => {
        for (const entry of indexOf(file)) {
          const code = kept.has(entry.digest) ? undefined : codeOf(file, entry);
          if (code) kept.set(entry.digest, code);
        }
      });
    } catch {
      // There is none, or none that may be trusted.
    }
  }

  #withFile<Found>(use: (file: number) => Found): Found | undefined {
    const file = openSync(this.#place, "r");
    try {
      const { uid, mode } = fstatSync(file);
      const isOurs = (uid === process.getuid?.() || uid === 0) && (mode & 0o022) === 0;
      return isOurs ? use(file) : undefined;
    } finally {
      closeSync(file);
    }
  }

  #write(kept: ReadonlyMap<string, Buffer>): number {
    const [index, parts]: [Buffer[], Buffer[]] = [[], []];
    let bytes = 0;
    for (const [digest, code] of kept) {
      if (index.length === mostEntries || bytes + code.length > mostBytes) break;
      const numbers = Buffer.alloc(8);
      numbers.writeUInt32LE(code.length, 0);
      numbers.writeUInt32LE(crc32(code), 4);
      index.push(Buffer.concat([Buffer.from(digest, "hex"), numbers]));
      parts.push(code);
      bytes += code.length;
    }
    const entries = Buffer.concat(index);
    const front = Buffer.alloc(frontBytes);
    front.writeUInt32LE(crc32(entries), 0);
    front.writeUInt32LE(index.length, 4);
    const partial = `${this.#place}.${process.pid}`;
    const file = openSync(partial, "wx", 0o600);
    try {
      writevSync(file, [front, entries, ...parts]);
      renameSync(partial, this.#place);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return bytes;
  }
}

/** So many bytes of a file; undefined where it has fewer. */
function bytesOf(file: number, at: number, size: number): Buffer | undefined {
  if (size > mostBytes) return undefined;
  // Memory of its own: V8 takes it as a whole.
  const bytes = Buffer.from(new ArrayBuffer(size));
  return readSync(file, bytes, 0, size, at) === size ? bytes : undefined;
}

function indexOf(file: number): Entry[] {
  const front = bytesOf(file, 0, frontBytes);
  const count = front?.readUInt32LE(4) ?? 0;
  const index = count <= mostEntries ? bytesOf(file, frontBytes, count * entryBytes) : undefined;
  if (!index || crc32(index) !== front?.readUInt32LE(0)) return [];
  let at = frontBytes + index.length;
  return Array.from({ length: count }, (_, number) => {
    const begins = number * entryBytes;
    const digest = index.toString("hex", begins, begins + digestBytes);
    const size = index.readUInt32LE(begins + digestBytes);
    const entry = { digest, size, crc: index.readUInt32LE(begins + digestBytes + 4), at };
    at += size;
    return entry;
  });
}

function codeOf(file: number, { at, size, crc }: Entry): Buffer | undefined {
  const code = bytesOf(file, at, size);
  return code && crc32(code) === crc ? code : undefined;
}

/** What V8 makes of a script begins like what it makes of a module, and tells the options that hold now. */
const likeNow = (): Buffer => new Script("0").createCachedData();

/** True where the words of this V8 lie where they are looked for. */
function hasOptions(code: Buffer): boolean {
  const now = likeNow();
  return [versionAt, optionsAt].every((at) => code.readUInt32LE(at) === now.readUInt32LE(at));
}

/**
 * V8 refuses code of other options. The file's name tells those of the start, which are the same; the one that changes while an
 * agent runs, that it save memory, makes no other code.
 */
function withOptions(code: Buffer): ArrayBuffer {
  code.writeUInt32LE(likeNow().readUInt32LE(optionsAt), optionsAt);
  return code.buffer as ArrayBuffer;
}

function intrinsicsOf(): Intrinsics | undefined {
  setFlagsFromString("--allow-natives-syntax");
  try {
    // A function in parentheses is compiled at once, while V8 may read these names.
    const [restore, serialize, isOptimized] = runInThisContext(`[
      (function (code, bytes) { return %DeserializeWasmModule(code, bytes); }),
      (function (module) { return %SerializeWasmModule(module); }),
      (function (exported) { return %IsTurboFanFunction(exported); }),
    ]`);
    return { restore, serialize, isOptimized };
  } catch {
    return undefined;
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
}
