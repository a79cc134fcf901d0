import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { type EngineHandle, type EngineOptions, startEngine } from "../../../collector/src/engine/index.ts";

/** A running engine in a directory of its own, with the official client. */
export interface TestEngine {
  readonly engine: EngineHandle;
  readonly client: ClickHouseClient;
  readonly stateDir: string;
  /** Rows of a SELECT. */
  rows<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  /** The single value of a SELECT. */
  value(sql: string): Promise<string>;
  /** The ClickHouse error code of a statement; undefined when it succeeds. */
  code(sql: string, settings?: Record<string, string>): Promise<string | undefined>;
  /** Sends a body of any kind. */
  insert(query: string, body: Uint8Array | string, settings?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export const temporary = (): string => mkdtempSync(join(tmpdir(), "vedette-engine-"));

/** A client with its own log off, because refusals are what these tests want. */
export function clientOf(
  engine: EngineHandle,
  user = { user: engine.user, password: engine.password },
): ClickHouseClient {
  return createClient({
    url: engine.url,
    username: user.user,
    password: user.password,
    database: engine.database,
    log: { level: ClickHouseLogLevel.OFF },
  });
}

export async function testEngine(options: Partial<EngineOptions> = {}): Promise<TestEngine> {
  const stateDir = options.stateDir ?? temporary();
  const engine = await startEngine({ ...options, stateDir });
  const client = clientOf(engine);
  const rows = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: "JSONEachRow" })).json<Row>();
  return {
    engine,
    client,
    stateDir,
    rows,
    value: async (sql) => String(Object.values((await rows<Record<string, unknown>>(sql))[0] ?? {})[0]),
    code: async (query, clickhouse_settings = {}) => {
      try {
        const { stream } = await client.exec({ query, clickhouse_settings });
        for await (const _ of stream);
        return undefined;
      } catch (error) {
        return String((error as { code?: unknown }).code ?? error);
      }
    },
    insert: async (query, body, clickhouse_settings = {}) => {
      const values = Readable.from([typeof body === "string" ? Buffer.from(body) : body], {
        objectMode: false,
      });
      const { stream } = await client.exec({ query, values, clickhouse_settings });
      for await (const _ of stream);
    },
    stop: async () => {
      await client.close();
      await engine.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** A request by hand, for what the official client never sends. */
export const raw = (engine: EngineHandle, path: string, init: RequestInit = {}) =>
  fetch(`${engine.url}${path}`, {
    ...init,
    headers: { "X-ClickHouse-User": engine.user, "X-ClickHouse-Key": engine.password, ...init.headers },
  });

/** Looks until the condition holds; fails after the deadline. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A query that keeps a core busy for minutes. */
export const endless = "SELECT sum(sipHash64(number)) FROM numbers(100000000000)";
/** The queries that run now, besides the one that asks. */
export const running =
  "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%processes%'";
