import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely";
import type { PoolClient, PoolConfig } from "pg";
import { passingError } from "./errors.ts";
import type { PostgresTarget } from "./target.ts";

/** How much longer than the server the driver waits: the server's own word on a time-out is the better one. */
const patienceMs = 5_000;
const int8 = 20;

/**
 * Kysely on a PostgreSQL server. At most `connections` of them are open; whoever wants another waits, for a bounded
 * time. A server that went away is `control.unavailable` with the verdict `retry`, and is found again by the next statement.
 */
export async function postgresDialect(
  target: PostgresTarget,
  onLost: (error: Error) => void,
): Promise<Dialect> {
  // Loaded only where it is needed: the embedded default has no use for it.
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    ...optionsOf(target),
    types: {
      // Our 64-bit columns hold milliseconds and counts, which numbers hold exactly; SQLite gives numbers as well.
      getTypeParser: ((oid: number, format?: "text" | "binary") =>
        oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  });
  // An idle connection that breaks is taken out of the pool; unheard, the event would end the program.
  pool.on("error", onLost);
  // One that breaks in somebody's hands, between two statements, is unheard by the pool: its next statement fails then.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw passingError(error, target) ?? error;
    }
  };
  const lent = (client: PoolClient): PostgresPoolClient => ({
    query: ((text: string, parameters: unknown[]) => told(() => client.query(text, parameters))) as never,
    release: (destroy) => client.release(destroy),
  });
  const bounded: PostgresPool = {
    connect: () => told(async () => lent(await pool.connect())),
    end: () => pool.end(),
    options: pool.options,
  };
  return new PostgresDialect({ pool: bounded });
}

const optionsOf = (target: PostgresTarget): PoolConfig => ({
  host: target.host,
  port: target.port,
  database: target.database,
  user: target.user,
  ...(target.password === undefined ? {} : { password: target.password }),
  ssl: target.tls,
  application_name: "vedette",
  max: target.connections,
  connectionTimeoutMillis: target.timeoutMs,
  statement_timeout: target.timeoutMs,
  lock_timeout: target.timeoutMs,
  idle_in_transaction_session_timeout: target.timeoutMs * 2,
  query_timeout: target.timeoutMs + patienceMs,
  keepAlive: true,
});
