import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Deps, messageOf, VedetteError } from "@vedette/sdk";
import { buildAsnTable } from "./asn-csv.ts";
import { AsnTable } from "./asn-table.ts";

/** The two CSV files of a table; the numeric form for IPv4, which is faster to read. */
export interface AsnSource {
  readonly v4: string;
  readonly v6: string;
  /** Names this edition of the data; a cached table of another edition is built again. */
  readonly edition: string;
}

const CACHE_FILE = "asn-table.bin";

async function cached(file: string, edition: string): Promise<AsnTable | undefined> {
  try {
    return AsnTable.decode(await readFile(file), edition);
  } catch {
    return undefined; // no cache yet, or not ours to read: it is built again
  }
}

/** Writes beside and renames, so that a crash never leaves half a table under the real name. */
async function keep(directory: string, table: AsnTable, edition: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = join(directory, `${CACHE_FILE}.${process.pid}.tmp`);
  await writeFile(temporary, table.encode(edition), { mode: 0o600 });
  await rename(temporary, join(directory, CACHE_FILE));
}

/**
 * Gives the table of a source: from the cache in `stateDir` in about 10 ms, else built from the CSV in
 * about half a second and cached. Throws `geo.unreadable` when the CSV cannot be read.
 */
export async function openAsnTable(source: AsnSource, deps: Deps, stateDir?: string): Promise<AsnTable> {
  const sizes = async () => `${(await stat(source.v4)).size}+${(await stat(source.v6)).size}`;
  try {
    const edition = `${source.edition} ${await sizes()}`;
    const found = stateDir && (await cached(join(stateDir, CACHE_FILE), edition));
    if (found) return found;
    const begun = performance.now();
    deps.log.info({ edition: source.edition }, "Building the table of autonomous systems.");
    const [v4, v6] = await Promise.all([readFile(source.v4), readFile(source.v6)]);
    const { table, skipped } = await buildAsnTable(v4, v6, deps.signal);
    const milliseconds = Math.round(performance.now() - begun);
    deps.log.info({ rows: table.rows, skipped, milliseconds }, "The table of autonomous systems is ready.");
    if (stateDir) {
      await keep(stateDir, table, edition).catch((error: unknown) => {
        deps.log.warn(
          { error },
          "The table of autonomous systems was not cached; the next start builds it again.",
        );
      });
    }
    return table;
  } catch (error) {
    deps.signal.throwIfAborted();
    const why = messageOf(error);
    throw new VedetteError(
      "geo.unreadable",
      `The table of autonomous systems cannot be built: ${why}`,
      { verdict: "stop" },
      { cause: error },
    );
  }
}
