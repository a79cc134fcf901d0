import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, VedetteError } from "@vedette/sdk";

/** A key that secrets are sealed with. */
export interface SecretKey {
  /** 8 characters made of a hash of the key: names it in envelopes and messages without giving it away. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Buffer;
}

/** The keys of one place: the first seals, all of them open. They are looked up at every use, as a file may change. */
export interface SecretKeys {
  /** What messages call the place. */
  readonly place: string;
  /** All keys, the sealing one first; none where the file was not made yet. Throws `secret.key`. */
  all(): readonly SecretKey[];
  /** The key that seals; makes it where this is the first use of a file. Throws `secret.key`. */
  sealing(): SecretKey;
  /** Puts another list of keys in place, whole or not at all; undefined where only an operator can (the environment). */
  readonly replace: ((keys: readonly SecretKey[]) => void) | undefined;
}

const keyBytes = 32;
/** More keys than this in one place are a mistake, not a rotation. */
const maxKeys = 16;

/** How to make a key by hand, for messages. */
export const keyRecipe = "openssl rand -base64 32";

export const keyFault = (message: string, cause?: unknown): VedetteError =>
  new VedetteError("secret.key", message, { verdict: "stop" }, { cause });

/** A new key. */
export const newKey = (): SecretKey => keyOf(randomBytes(keyBytes));

const keyOf = (bytes: Buffer): SecretKey => ({
  id: createHash("sha256").update("vedette secret key id\0").update(bytes).digest("base64url").slice(0, 8),
  bytes,
});

/** Keys written one after the other. Messages never repeat what was written. */
function parseKeys(text: string, separator: RegExp, place: string): SecretKey[] {
  const words = text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== "");
  if (words.length > maxKeys)
    throw keyFault(`${place} holds ${words.length} keys; at most ${maxKeys} are read.`);
  const keys = words.map((word, index) => {
    const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(word) ? Buffer.from(word, "base64") : Buffer.alloc(0);
    if (bytes.length === keyBytes) return keyOf(bytes);
    throw keyFault(
      `${place}: key ${index + 1} of ${words.length} is not ${keyBytes} bytes in base64. Make one with: ${keyRecipe}`,
    );
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw keyFault(`${place} holds the same key twice; leave one out.`);
  return keys;
}

/** Keys of an environment variable, separated by commas. Throws `secret.key` where they are malformed. */
export function environmentKeys(variable: string, text: string): SecretKeys {
  const place = `The environment variable ${variable}`;
  const keys = parseKeys(text, /,/, place);
  const [first] = keys;
  if (first === undefined) throw keyFault(`${place} is empty. Put a key there: ${keyRecipe}`);
  return { place, all: () => keys, sealing: () => first, replace: undefined };
}

/**
 * Keys of a file, one a line, that its owner only can read. It is made at the first sealing, and read again whenever it
 * changed, so that a rotation reaches the programs that run.
 */
export function fileKeys(file: string): SecretKeys {
  const place = `The key file ${file}`;
  let seen = "";
  let keys: readonly SecretKey[] = [];
  const all = (): readonly SecretKey[] => {
    try {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return [];
      if (process.platform !== "win32" && (found.mode & 0o077) !== 0)
        throw keyFault(
          `${place} can be read by others (mode ${(found.mode & 0o777).toString(8)}). Run: chmod 600 ${file}`,
        );
      const stamp = [found.ino, found.mtimeMs, found.ctimeMs, found.size].join(":");
      if (stamp !== seen) {
        keys = parseKeys(readFileSync(file, "utf8"), /\n/, place);
        if (keys.length === 0)
          throw keyFault(`${place} is empty. Put it back from a backup: what it sealed cannot be opened.`);
        seen = stamp;
      }
      return keys;
    } catch (error) {
      if (error instanceof VedetteError) throw error;
      throw keyFault(`${place} cannot be read: ${messageOf(error)}.`, error);
    }
  };
  const write = (list: readonly SecretKey[], put: (from: string) => void): void => {
    const next = join(dirname(file), `.secret-key-${process.pid}-${randomBytes(4).toString("hex")}`);
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const handle = openSync(next, "wx", 0o600);
      try {
        writeSync(handle, list.map(({ bytes }) => `${bytes.toString("base64")}\n`).join(""));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      put(next);
      syncDirectory(dirname(file));
    } catch (error) {
      throw keyFault(`${place} cannot be written: ${messageOf(error)}.`, error);
    } finally {
      rmSync(next, { force: true });
    }
  };
  return {
    place,
    all,
    sealing() {
      const [first] = all();
      if (first !== undefined) return first;
      // A link fails where the file is there by now: of several programs that start at once one makes the key.
      write([newKey()], (next) => {
        try {
          linkSync(next, file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        }
      });
      return all()[0]!;
    },
    replace: (list) => write(list, (next) => renameSync(next, file)),
  };
}

function syncDirectory(dir: string): void {
  const handle = openSync(dir, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
