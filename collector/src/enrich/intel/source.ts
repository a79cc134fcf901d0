import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Egress, VedetteError } from "@vedette/sdk";
import type { IntelListConfig } from "../../config/index.ts";

/** A version of a list's text. */
export interface Version {
  /** Changes with the content, as far as that can be told without reading it. */
  readonly mark: string;
  /** When it was last known to be what the source says, in milliseconds since 1970. */
  readonly checkedAt: number;
  pieces(): AsyncIterable<Uint8Array>;
}

/** What is remembered of an answer, beside its copy. */
interface Remembered {
  readonly url: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly checkedAt: number;
}

export interface SourcePlace {
  readonly baseDir: string;
  /** Folder of copies. */
  readonly cacheDir: string;
}

const tooLarge = (name: string, maxMiB: number): VedetteError =>
  new VedetteError("intel.too_large", `The list "${name}" is larger than ${maxMiB} MiB.`, {
    verdict: "retry",
  });

/** The file of a list as it is now. Throws where it cannot be read or is too large. */
export async function fileVersion(
  config: IntelListConfig,
  { baseDir }: SourcePlace,
  now: number,
): Promise<Version> {
  const path = resolve(baseDir, config.file!);
  const { size, mtimeMs, ino } = await stat(path);
  if (size > config.maxMiB * 2 ** 20) throw tooLarge(config.name, config.maxMiB);
  // No more than was measured: the file may grow meanwhile.
  const pieces = () => (size === 0 ? noPieces() : createReadStream(path, { end: size - 1 }));
  return { mark: `${ino} ${size} ${mtimeMs}`, checkedAt: now, pieces };
}

async function* noPieces(): AsyncGenerator<Uint8Array> {}

/** The last copy of a list from a URL; undefined where there is none. */
export async function copyOf(
  config: IntelListConfig,
  { cacheDir }: SourcePlace,
): Promise<Version | undefined> {
  const remembered = await readRemembered(config, cacheDir);
  if (remembered === undefined) return undefined;
  const path = join(cacheDir, `${config.name}.list`);
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: -1, mtimeMs: 0 }));
  if (size < 0 || size > config.maxMiB * 2 ** 20) return undefined;
  const pieces = () => (size === 0 ? noPieces() : createReadStream(path, { end: size - 1 }));
  return { mark: `${size} ${mtimeMs}`, checkedAt: remembered.checkedAt, pieces };
}

async function readRemembered(config: IntelListConfig, cacheDir: string): Promise<Remembered | undefined> {
  try {
    const remembered = JSON.parse(
      await readFile(join(cacheDir, `${config.name}.json`), "utf8"),
    ) as Remembered;
    return remembered.url === config.url && Number.isFinite(remembered.checkedAt) ? remembered : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Asks the URL of a list, and keeps a copy of a new answer. One that did not change (304, by ETag or time) costs no body.
 * Throws where there is no good answer; the copy stays then.
 */
export async function refreshCopy(
  config: IntelListConfig,
  place: SourcePlace,
  deps: { readonly egress: Egress; readonly signal: AbortSignal; readonly now: number },
): Promise<Version> {
  const { cacheDir } = place;
  const url = config.url!;
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const before = await copyOf(config, place);
  const known = before && (await readRemembered(config, cacheDir));
  const maxBytes = config.maxMiB * 2 ** 20;
  const answer = await deps.egress.fetch(url, {
    headers: {
      accept: "text/plain, text/csv, */*;q=0.5",
      ...(known?.etag === undefined ? {} : { "if-none-match": known.etag }),
      ...(known?.lastModified === undefined ? {} : { "if-modified-since": known.lastModified }),
    },
    signal: deps.signal,
    maxBytes: maxBytes + 1,
  });
  if (answer.status === 304 && known && before) {
    await answer.body?.cancel();
    await remember(config, cacheDir, { ...known, checkedAt: deps.now });
    return { ...before, checkedAt: deps.now };
  }
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new VedetteError(
      "intel.unavailable",
      `The list "${config.name}" was answered with status ${answer.status}.`,
      {
        verdict: "retry",
      },
    );
  }
  const body = Buffer.from(await answer.arrayBuffer());
  if (body.length > maxBytes) throw tooLarge(config.name, config.maxMiB);
  const file = join(cacheDir, `${config.name}.list`);
  // Whole or not at all: a crash in between leaves the copy before.
  await writeFile(`${file}.new`, body, { mode: 0o600 });
  await rename(`${file}.new`, file);
  const [etag, lastModified] = [answer.headers.get("etag"), answer.headers.get("last-modified")];
  await remember(config, cacheDir, {
    url,
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
    checkedAt: deps.now,
  });
  const fresh = await copyOf(config, place);
  if (!fresh)
    throw new VedetteError("intel.unavailable", `The copy of the list "${config.name}" is gone.`, {
      verdict: "retry",
    });
  return fresh;
}

async function remember(config: IntelListConfig, cacheDir: string, remembered: Remembered): Promise<void> {
  const file = join(cacheDir, `${config.name}.json`);
  await writeFile(`${file}.new`, JSON.stringify(remembered), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
