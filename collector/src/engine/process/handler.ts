import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate, type User } from "./auth.ts";
import { bodyOf, discardRest, joined, readAll } from "./body.ts";
import type { Engine, Scope, Written } from "./engine.ts";
import { EngineError, engineErrorOf, refused } from "./errors.ts";
import type { Lanes } from "./lanes.ts";
import { literal, type ParsedRequest, parseRequest, setStatement } from "./request.ts";
import { Output, sendPlain } from "./response.ts";
import type { BodySpool } from "./spool.ts";
import { insertHead, outputFormat, shapeOf, streamedFormats } from "./statement.ts";

/** What a handler works with. */
export interface HandlerDeps {
  readonly engine: Engine;
  readonly spool: BodySpool;
  readonly users: readonly User[];
  readonly reads: Lanes;
  readonly writes: Lanes;
  /** For inserts of up to `smallBodyBytes`. */
  readonly smallWrites: Lanes;
  readonly smallBodyBytes: number;
  /** Database of a request that names none. */
  readonly database: string;
  readonly version: string;
  readonly maxStatementBytes: number;
  /** Largest result that is built whole before it is sent, in bytes of the engine's columns. */
  readonly maxResultBytes: number;
}

interface Job {
  readonly parsed: ParsedRequest;
  readonly user: User;
  readonly request: IncomingMessage;
  readonly output: Output;
  readonly database: string;
  readonly signal: AbortSignal;
}

const notAvailable =
  "Only statements that read, or that write inside the database, are available; settings of a write go beside it, not in it.";
const LF = 10;
const SPACES: ReadonlySet<number> = new Set([9, 13, 32]);

/** Answers the ClickHouse HTTP interface; never throws and never leaves a request without an answer. */
export class Handler {
  readonly #deps: HandlerDeps;
  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0];
    if (path === "/ping") return sendPlain(response, 200, "Ok.\n");
    const output = new Output(response, this.#deps.version);
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      if (path !== "/") return sendPlain(response, 404, "There is nothing here. Send statements to /.\n");
      const user = authenticate(request, this.#deps.users);
      const parsed = parseRequest(request);
      output.start(parsed.queryId ?? randomUUID(), parsed.compress);
      const database = parsed.database ?? this.#deps.database;
      await this.#run({ parsed, user, request, output, database, signal: gone.signal });
    } catch (error) {
      output.fail(engineErrorOf(error));
    } finally {
      discardRest(request);
    }
  }

  async #run(job: Job): Promise<void> {
    const { parsed, request } = job;
    const hasQuery = parsed.query !== "";
    if (request.method === "GET" && !hasQuery) return job.output.end();
    const body = bodyOf(request);
    const text = hasQuery ? Buffer.from(parsed.query) : await readAll(body, this.#deps.maxStatementBytes);
    // One character a byte, so that positions in the text are positions in the bytes.
    const insert = insertHead(text.toString("latin1"));
    if (insert) {
      let at = insert.dataAt;
      while (SPACES.has(text[at] ?? 0)) at++;
      const inline = text.subarray(text[at] === LF ? at + 1 : at);
      const data = inline.toString("latin1").trim() === ";" ? inline.subarray(0, 0) : inline;
      const utf8 = (part: string) => Buffer.from(part, "latin1").toString("utf8");
      const target = utf8(insert.target);
      const settings = utf8(insert.settings);
      const rest = hasQuery ? body : empty();
      return await this.#insert(job, { target, settings, format: insert.format, body: joined(data, rest) });
    }
    const rest =
      hasQuery && request.method !== "GET" ? await readAll(body, this.#deps.maxStatementBytes) : undefined;
    const sql = rest?.length ? `${text.toString("utf8")}\n${rest.toString("utf8")}` : text.toString("utf8");
    const kind = await this.#deps.engine.classify(sql, job.database);
    if (kind === "other") throw refused(notAvailable);
    const shape = shapeOf(sql, parametersOf(job.parsed));
    if (kind === "read") return await this.#read(job, sql, shape.format, shape.flat);
    this.#mayWrite(job);
    await this.#write(job, sql, this.#deps.writes);
  }

  #mayWrite({ user, request }: Job): void {
    if (user.role !== "writer")
      throw new EngineError(164, "READONLY", `The user ${user.name} may only read.`);
    if (request.method === "GET") throw new EngineError(164, "READONLY", "GET may only read; use POST.");
  }

  async #insert(
    job: Job,
    insert: { target: string; settings: string; format: string; body: AsyncIterable<Uint8Array> },
  ): Promise<void> {
    this.#mayWrite(job);
    const { target, settings, format, body } = insert;
    shapeOf(`${target} ${settings}`, parametersOf(job.parsed));
    const kind = await this.#deps.engine.classify(`${target} FORMAT ${format}`, job.database);
    if (kind !== "write") throw refused("Rows can be inserted into tables only.");
    const extra: [string, string][] =
      format === "Values" ? [["input_format_values_interpret_expressions", "0"]] : [];
    await this.#deps.spool.lend(body, async (path, bytes) => {
      if (bytes === 0) return job.output.end({ rows: 0, bytes: 0, seconds: 0 });
      // Alerts and notes of what is stored are small: they do not wait behind events.
      const { writes, smallWrites, smallBodyBytes } = this.#deps;
      const lanes = bytes <= smallBodyBytes ? smallWrites : writes;
      const sql = `${target} FROM INFILE ${literal(path)} ${settings} FORMAT ${format}`;
      await this.#write(job, sql, lanes, extra);
    });
  }

  async #write(job: Job, sql: string, lanes: Lanes, extra: readonly [string, string][] = []): Promise<void> {
    const scope = this.#scope(job, extra);
    const written: Written = await lanes.run(() => this.#deps.engine.write(sql, scope), job.signal);
    job.output.end(written);
  }

  async #read(job: Job, sql: string, ownFormat: string | undefined, flat: boolean): Promise<void> {
    const { engine, reads } = this.#deps;
    const format = outputFormat(ownFormat ?? job.parsed.format ?? "TabSeparated");
    job.output.format(format);
    if (flat && streamedFormats.has(format)) {
      const scope = this.#scope(job, [["readonly", "2"]]);
      await reads.run(
        () => engine.stream(sql, format, scope, (bytes) => job.output.write(bytes)),
        job.signal,
      );
      return job.output.end();
    }
    const scope = this.#scope(job, [this.#resultLimit(job.parsed), ["readonly", "2"]]);
    const result = await reads.run(() => engine.read(sql, format, scope), job.signal);
    job.output.summary({ readRows: result.rowsRead, readBytes: result.bytesRead, seconds: result.elapsed });
    await job.output.write(result.bytes);
    job.output.end();
  }

  #resultLimit({ settings }: ParsedRequest): [string, string] {
    const asked = Number(settings.findLast(([name]) => name === "max_result_bytes")?.[1] ?? 0);
    const limit = asked > 0 ? Math.min(asked, this.#deps.maxResultBytes) : this.#deps.maxResultBytes;
    return ["max_result_bytes", String(limit)];
  }

  #scope({ parsed, database, signal }: Job, extra: readonly [string, string][]): Scope {
    const settings = [...parsed.settings, ...extra];
    return { database, set: settings.length > 0 ? setStatement(settings) : undefined, signal };
  }
}

const parametersOf = ({ settings }: ParsedRequest): string[] =>
  settings.filter(([name]) => name.startsWith("param_")).map(([, value]) => value);

async function* empty(): AsyncGenerator<Uint8Array> {}
