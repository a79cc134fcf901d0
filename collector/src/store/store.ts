import { Readable } from "node:stream";
import type { ClickHouseClient, ClickHouseSettings } from "@clickhouse/client";
import { nodesOf } from "./client.ts";
import { storeError } from "./errors.ts";
import type { Layout } from "./layout.ts";
import type { Migration } from "./migrate.ts";
import type { Nodes } from "./nodes.ts";
import { applyRetention, type Retention } from "./retention.ts";
import { insertSettings, querySettings, statementSettings } from "./settings.ts";
import type { QueryOptions, QueryParams, RowTable, Store, StoreDeps, StoreTarget } from "./types.ts";

/** The store through the ClickHouse HTTP interface. */
export class ClickHouseStore implements Store {
  readonly #nodes: Nodes;
  readonly #target: StoreTarget;
  readonly #deps: StoreDeps;
  readonly layout: Layout;

  constructor(target: StoreTarget, deps: StoreDeps) {
    this.#nodes = nodesOf(target);
    this.#target = target;
    this.#deps = deps;
    this.layout = { database: target.database, cluster: target.cluster };
  }

  async insertEvents(
    native: Uint8Array,
    token: string,
    signal?: AbortSignal,
  ): Promise<{ readonly rows: number }> {
    return this.#try("Inserting events", signal, async (client) => {
      const { summary, stream } = await client.exec({
        query: "INSERT INTO events FORMAT Native",
        values: Readable.from(native instanceof Uint8Array ? [native] : native, { objectMode: false }),
        clickhouse_settings: insertSettings(this.#target, token),
        ...abort(signal),
      });
      await drain(stream);
      return { rows: Number(summary?.written_rows ?? 0) };
    });
  }

  async insertRows(
    table: RowTable,
    rows: readonly object[],
    token: string,
    signal?: AbortSignal,
  ): Promise<void> {
    if (rows.length === 0) return;
    await this.#try(`Inserting into ${table}`, signal, (client) =>
      client.insert({
        table,
        values: rows as object[],
        format: "JSONEachRow",
        // Times are RFC 3339 in our JSON; a misspelt column must not vanish.
        clickhouse_settings: {
          ...insertSettings(this.#target, token),
          date_time_input_format: "best_effort",
          input_format_skip_unknown_fields: 0,
        },
        ...abort(signal),
      }),
    );
  }

  async query<Row>(sql: string, params: QueryParams = {}, options: QueryOptions = {}): Promise<Row[]> {
    return this.#try("Querying", options.signal, async (client) => {
      const result = await client.query({
        query: sql,
        query_params: params,
        format: "JSONEachRow",
        clickhouse_settings: { ...querySettings(this.#target), ...settingsOf(options) },
        ...abort(options.signal),
      });
      return result.json<Row>();
    });
  }

  async export(
    sql: string,
    format: string,
    params: QueryParams = {},
    options: QueryOptions = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    return this.#try("Exporting", options.signal, async (client) => {
      const { stream } = await client.exec({
        query: `${sql}\nFORMAT ${format}`,
        query_params: params,
        clickhouse_settings: { ...querySettings(this.#target), ...settingsOf(options) },
        ...abort(options.signal),
      });
      return stream;
    });
  }

  async ping(): Promise<void> {
    await this.#try("Asking whether the store is there", undefined, async (client) => {
      const answer = await client.ping();
      if (!answer.success) throw answer.error;
    });
  }

  async setRetention(retention: Retention): Promise<void> {
    for (const table of await applyRetention(this, retention))
      this.#deps.log.info({ table, ...retention }, "Retention was changed.");
  }

  /** Runs a statement that returns nothing. */
  async run(sql: string, settings: ClickHouseSettings = {}): Promise<void> {
    await this.#try("Running a statement", undefined, (client) =>
      client.command({
        query: sql,
        clickhouse_settings: { ...statementSettings(this.#target), ...settings },
      }),
    );
  }

  /** Which migrations the database has; undefined where it has not even their table. */
  async applied(): Promise<{ version: number; checksum: string }[] | undefined> {
    const table = await this.query(
      "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'",
    );
    if (table.length === 0) return undefined;
    return this.query("SELECT version, checksum FROM migrations ORDER BY version");
  }

  /** Remembers a migration as applied. */
  async note({ version, name, checksum }: Migration): Promise<void> {
    await this.#try("Noting a migration", undefined, (client) =>
      client.insert({
        table: "migrations",
        values: [{ version, name, checksum, appliedAt: new Date(this.#deps.clock.now()).toISOString() }],
        format: "JSONEachRow",
        clickhouse_settings: {
          ...insertSettings(this.#target, `migration-${version}-${checksum}`),
          date_time_input_format: "best_effort",
        },
      }),
    );
  }

  async close(): Promise<void> {
    await this.#nodes.close();
  }

  #try<T>(
    doing: string,
    signal: AbortSignal | undefined,
    work: (client: ClickHouseClient) => Promise<T>,
  ): Promise<T> {
    return this.#nodes.use(work, (error) => storeError(error, doing), signal);
  }
}

const abort = (signal: AbortSignal | undefined) => (signal ? { abort_signal: signal } : {});

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

function settingsOf({ limits, settings }: QueryOptions): ClickHouseSettings {
  return {
    ...(limits?.maxSeconds === undefined ? {} : { max_execution_time: limits.maxSeconds }),
    ...(limits?.maxMemoryBytes === undefined ? {} : { max_memory_usage: String(limits.maxMemoryBytes) }),
    ...(limits?.maxResultRows === undefined ? {} : { max_result_rows: String(limits.maxResultRows) }),
    ...(limits?.maxRowsToRead === undefined ? {} : { max_rows_to_read: String(limits.maxRowsToRead) }),
    output_format_json_quote_64bit_integers: 1,
    ...settings,
  };
}
