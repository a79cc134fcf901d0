import { randomBytes } from "node:crypto";
import { EngineError, engineErrorOf } from "./errors.ts";
import type { Classification, Connection, Native } from "./native.ts";
import { literal } from "./request.ts";

/** Rows and bytes as the summary header reports them. A repeat that the dedup window dropped still counts as written. */
export interface Written {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** What a statement runs with: settings and current database live exactly as long as the statement. */
export interface Scope {
  readonly database: string;
  /** A complete `SET` statement, or nothing. */
  readonly set: string | undefined;
  /** Aborts when the client goes away; the engine then kills the query. */
  readonly signal: AbortSignal;
}

const KILL_EVERY_MS = 100;

/**
 * The chDB engine of this process.
 * Each statement gets a connection of its own (0.3 ms), so no setting, parameter, database or temporary table outlives it.
 */
export class Engine {
  readonly #native: Native;
  readonly #path: string;
  /** Keeps the engine alive between statements, classifies and kills. */
  readonly #control: Connection;
  readonly #running = new Set<string>();
  #asking = 0;
  #closing = false;

  private constructor(native: Native, path: string, control: Connection) {
    this.#native = native;
    this.#path = path;
    this.#control = control;
  }

  /** Opens the data directory. Throws while another process holds its lock. */
  static open(native: Native, path: string, configFile: string): Engine {
    return new Engine(native, path, native.CreateConnection(path, [`--config-file=${configFile}`]));
  }

  /** Calls into the engine that have not come back. */
  get running(): number {
    return this.#running.size + this.#asking;
  }

  /** Takes no more statements; those that run go on. */
  refuseMore(): void {
    this.#closing = true;
  }

  #checkOpen(): void {
    if (this.#closing) throw new EngineError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "The engine is stopping.");
  }

  /** Runs a statement of our own on the control connection and returns its output. */
  async own(sql: string, format = "TabSeparatedRaw"): Promise<string> {
    this.#asking++;
    try {
      const { bytes } = await this.#native.QueryAsyncConnection(this.#control, sql, format);
      return Buffer.from(bytes).toString("utf8");
    } finally {
      this.#asking--;
    }
  }

  /** Asks the engine's own parser. Throws 62 unless the text is exactly one statement. */
  async classify(sql: string, database: string): Promise<"read" | "write" | "other"> {
    if (sql.trim() === "") throw new EngineError(62, "SYNTAX_ERROR", "Empty query.");
    const { statementCount, queryClass } = await this.#parse(sql, database);
    if (statementCount > 1) {
      throw new EngineError(
        62,
        "SYNTAX_ERROR",
        "Multi-statements are not allowed: send one statement a request.",
      );
    }
    if (queryClass === 0) return "read";
    if (queryClass === 1) return "write";
    // Let the parser itself say what is wrong with the text; EXPLAIN AST runs nothing.
    if (statementCount === 0) await this.#explain(sql);
    return "other";
  }

  async #parse(sql: string, database: string): Promise<Classification> {
    this.#checkOpen();
    this.#asking++;
    try {
      return await this.#native.DurableClassifyAsync(this.#control, sql, database);
    } finally {
      this.#asking--;
    }
  }

  async #explain(sql: string): Promise<void> {
    try {
      await this.own(`EXPLAIN AST ${sql}`);
    } catch (error) {
      throw engineErrorOf(error);
    }
    throw new EngineError(62, "SYNTAX_ERROR", "This is no statement.");
  }

  /** Runs a statement that returns nothing (DDL, INSERT … SELECT, INSERT … FROM INFILE) and counts what it wrote. */
  write(sql: string, scope: Scope): Promise<Written> {
    return this.#with(scope, sql, async (connection, tagged) => {
      const done = await this.#native.InsertRawAsyncConnection(connection, tagged, Buffer.alloc(0), false);
      return { rows: done.rowsWritten, bytes: done.bytesWritten, seconds: done.elapsed };
    });
  }

  /** Runs a read to its end and returns the whole result. */
  read(sql: string, format: string, scope: Scope) {
    return this.#with(scope, sql, (connection, tagged) =>
      this.#native.QueryAsyncConnection(connection, tagged, format),
    );
  }

  /** Runs a read and hands over each piece as it comes; `piece` resolves when the next one is wanted. */
  stream(
    sql: string,
    format: string,
    scope: Scope,
    piece: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    return this.#with(scope, sql, async (connection, tagged) => {
      const stream = this.#native.StreamQuery(connection, tagged, format);
      let done = false;
      try {
        while (!done && !scope.signal.aborted) {
          const next = await this.#native.StreamFetch(stream);
          if (next.done) done = true;
          else await piece(next.bytes);
        }
      } catch (error) {
        done = true;
        throw error;
      } finally {
        if (!done) this.#native.StreamCancel(stream);
      }
    });
  }

  async #with<T>(
    scope: Scope,
    sql: string,
    work: (connection: Connection, tagged: string) => Promise<T>,
  ): Promise<T> {
    this.#checkOpen();
    const tag = `vedette:${randomBytes(12).toString("hex")}`;
    const connection = this.#native.CreateConnection(this.#path);
    let timer: NodeJS.Timeout | undefined;
    const kill = () => void this.#kill(tag);
    const abort = () => {
      kill();
      // The statement may not be in the process list yet when the client leaves.
      timer = setInterval(kill, KILL_EVERY_MS);
    };
    this.#running.add(tag);
    try {
      const prelude = `USE \`${scope.database}\`${scope.set ? `; ${scope.set}` : ""}`;
      await this.#native.QueryAsyncConnection(connection, prelude, "Null");
      if (scope.signal.aborted)
        throw new EngineError(394, "QUERY_WAS_CANCELLED", "The client went away.", 499);
      scope.signal.addEventListener("abort", abort, { once: true });
      return await work(connection, `/*${tag}*/ ${sql}`);
    } catch (error) {
      throw engineErrorOf(error);
    } finally {
      clearInterval(timer);
      scope.signal.removeEventListener("abort", abort);
      this.#running.delete(tag);
      this.#native.CloseConnection(connection);
    }
  }

  async #kill(tag: string): Promise<void> {
    const pattern = literal(`/*${tag}*/%`);
    try {
      await this.own(`KILL QUERY WHERE query LIKE ${pattern} ASYNC`, "Null");
    } catch {
      // The query has ended by itself; the next round or the end of the statement stops the attempts.
    }
  }

  /** Kills whatever runs. The callers' statements then fail with 394. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#running].map((tag) => this.#kill(tag)));
  }

  /** Closes the engine. Only without a running statement: closing under one aborts the process. */
  close(): void {
    this.#native.CloseConnection(this.#control);
  }
}
