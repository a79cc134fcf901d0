import type { ConnectionOptions, SecureContextOptions } from "node:tls";
import type { Clock, Logger } from "@vedette/sdk";
import type { Retention } from "./retention.ts";

/** A ClickHouse server, or the engine process: the same interface. */
export interface StoreTarget {
  /** Address of the server, or those of several nodes of `cluster`, tried in turn. */
  readonly url: string | readonly string[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Cluster over which the tables are sharded and replicated; undefined where the server holds them alone. */
  readonly cluster?: string | undefined;
  /** Replicas that must have an insert before it is acknowledged; the majority by default. Only in a cluster. */
  readonly quorum?: number | "auto";
  /** Options of connections to https addresses. */
  readonly tls?: SecureContextOptions & ConnectionOptions;
  readonly requestTimeoutMs?: number;
  readonly maxConnections?: number;
}

export interface StoreDeps {
  readonly log: Logger;
  readonly clock: Clock;
}

/** Tables that take rows as objects. Columns left out get their defaults. */
export type RowTable =
  | "matches"
  | "alerts"
  | "case_states"
  | "incidents"
  | "incident_alerts"
  | "dead_letters"
  | "batches"
  | "correlation"
  | "rollups";

/** Bounds of one query; the server enforces them. */
export interface QueryLimits {
  readonly maxSeconds?: number;
  readonly maxMemoryBytes?: number;
  readonly maxResultRows?: number;
  readonly maxRowsToRead?: number;
}

export interface QueryOptions {
  /** Ends the query on the server too. */
  readonly signal?: AbortSignal;
  readonly limits?: QueryLimits;
  /** Further ClickHouse settings, for this query only. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** What a query parameter `{name:Type}` may be bound to. */
export type QueryParams = Readonly<Record<string, unknown>>;

/** Where events, alerts and the rest are kept and asked for. Errors are `store.unavailable` (retry) or `store.rejected` (drop). */
export interface Store {
  /**
   * Inserts one block in ClickHouse's Native format, whole or in pieces, as `encodeNative` makes it; returns when it is on disk.
   * After a failure a connection may still be sending the bytes.
   * A repeat with the same token within the last 10,000 inserts is dropped — whatever it holds, so the token must
   * stand for the content. The count is of rows sent, a dropped repeat included.
   */
  insertEvents(
    native: Uint8Array | readonly Uint8Array[],
    token: string,
    signal?: AbortSignal,
  ): Promise<{ readonly rows: number }>;
  /** Inserts objects, column by name; the same promise about the token. Nothing to insert is no insert. */
  insertRows(table: RowTable, rows: readonly object[], token: string, signal?: AbortSignal): Promise<void>;
  /** Runs one SELECT and returns its rows as objects. 64-bit integers are text. */
  query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]>;
  /** Runs one SELECT and streams its bytes in any format the store knows, such as CSV or ArrowStream. */
  export(
    sql: string,
    format: string,
    params?: QueryParams,
    options?: QueryOptions,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** Rejects with `store.unavailable` where the store does not answer. */
  ping(): Promise<void>;
  /** Sets how long events and matches are kept, and where. Does nothing where it is so already. */
  setRetention(retention: Retention): Promise<void>;
  close(): Promise<void>;
}
