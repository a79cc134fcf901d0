import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The only chDB release whose undocumented entry points and on-disk format we have tested. */
export const pinnedChdb = "3.4.0";

/** An open connection of the native addon. One connection runs one statement at a time. */
export interface Connection {
  readonly __connection: unique symbol;
}

/** A streaming result of the native addon. */
export interface StreamHandle {
  readonly __stream: unique symbol;
}

/** What the engine's own parser says of a statement. */
export interface Classification {
  readonly statementCount: number;
  /** 0 read, 1 write inside a database, 2 access control, 3 anything else, 4 does not parse. */
  readonly queryClass: number;
}

/** The entry points of the chDB addon that the engine process uses; `Async` ones run on the libuv pool. */
export interface Native {
  CreateConnection(path: string, args?: readonly string[]): Connection;
  CloseConnection(connection: Connection): void;
  QueryAsyncConnection(
    connection: Connection,
    sql: string,
    format: string,
  ): Promise<{
    readonly bytes: Uint8Array;
    readonly elapsed: number;
    readonly rowsRead: number;
    readonly bytesRead: number;
  }>;
  InsertRawAsyncConnection(
    connection: Connection,
    prefix: string,
    data: Uint8Array,
    countLines: boolean,
  ): Promise<{ readonly elapsed: number; readonly rowsWritten: number; readonly bytesWritten: number }>;
  StreamQuery(connection: Connection, sql: string, format: string): StreamHandle;
  StreamFetch(
    stream: StreamHandle,
  ): Promise<
    { readonly done: true } | { readonly done: false; readonly bytes: Uint8Array; readonly numRows: number }
  >;
  StreamCancel(stream: StreamHandle): void;
  DurableClassifyAsync(connection: Connection, sql: string, database: string): Promise<Classification>;
}

/** There is no engine for this machine, or not the one we know; trying again cannot help. */
export class NoEngineError extends Error {}

/**
 * Loads the addon for this platform from the folder of the chDB package.
 * Throws {@link NoEngineError} where there is none, and when chDB is not exactly {@link pinnedChdb}: newer ones may
 * change what the undocumented entry points do.
 */
export function loadNative(root = dirname(require.resolve("chdb/package.json"))): Native {
  try {
    return load(root);
  } catch (error) {
    if (error instanceof NoEngineError) throw error;
    const why =
      "The embedded engine cannot be loaded here; it needs Linux with glibc or macOS. Use a ClickHouse server.";
    throw new NoEngineError(why, { cause: error });
  }
}

function load(root: string): Native {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  if (version !== pinnedChdb) {
    throw new NoEngineError(`The engine needs chdb ${pinnedChdb}, but ${version} is installed.`);
  }
  // The package's main file opens exit hooks and a query builder that we do not need; its loader finds the platform package.
  const loader = require(join(root, "dist", "loader.js")) as { loadNative(): Native };
  return loader.loadNative();
}
