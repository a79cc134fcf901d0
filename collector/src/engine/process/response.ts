import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createGzip, type Gzip } from "node:zlib";
import type { Written } from "./engine.ts";
import type { EngineError } from "./errors.ts";

/** A short text answer. */
export function sendPlain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=UTF-8" }).end(text);
}

/** Writes an answer with the headers of the ClickHouse HTTP interface. */
export class Output {
  readonly #response: ServerResponse;
  readonly #version: string;
  #compress = false;
  #gzip: Gzip | undefined;

  constructor(response: ServerResponse, version: string) {
    this.#response = response;
    this.#version = version;
    response.setHeader("X-ClickHouse-Server-Display-Name", "vedette-engine");
    response.setHeader("X-ClickHouse-Timezone", "UTC");
  }

  start(queryId: string, compress: boolean): void {
    this.#compress = compress;
    this.#response.setHeader("X-ClickHouse-Query-Id", queryId);
  }

  format(name: string): void {
    this.#response.setHeader("X-ClickHouse-Format", name);
    const type = name.startsWith("JSON") ? "application/json; charset=UTF-8" : "application/octet-stream";
    this.#response.setHeader("Content-Type", type);
  }

  /** Sets the summary header; call before the first write. */
  summary(done: {
    readRows?: number;
    readBytes?: number;
    rows?: number;
    bytes?: number;
    seconds: number;
  }): void {
    if (this.#response.headersSent) return;
    const summary = {
      read_rows: String(done.readRows ?? done.rows ?? 0),
      read_bytes: String(done.readBytes ?? done.bytes ?? 0),
      written_rows: String(done.rows ?? 0),
      written_bytes: String(done.bytes ?? 0),
      total_rows_to_read: "0",
      result_rows: String(done.rows ?? 0),
      result_bytes: String(done.bytes ?? 0),
      elapsed_ns: String(Math.round(done.seconds * 1e9)),
    };
    this.#response.setHeader("X-ClickHouse-Summary", JSON.stringify(summary));
  }

  /** Sends a piece; resolves when the client wants more, or has gone. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#response.destroyed) return;
    const sink = this.#sink();
    if (sink.write(bytes)) return;
    const gone = new AbortController();
    const leave = () => gone.abort();
    this.#response.once("close", leave);
    try {
      await once(sink, "drain", { signal: gone.signal });
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      this.#response.off("close", leave);
    }
  }

  #sink(): Gzip | ServerResponse {
    if (!this.#compress) return this.#response;
    if (!this.#gzip) {
      this.#response.setHeader("Content-Encoding", "gzip");
      this.#gzip = createGzip({ level: 1 });
      this.#gzip.pipe(this.#response);
    }
    return this.#gzip;
  }

  end(written?: Written): void {
    if (written) this.summary(written);
    if (this.#gzip) this.#gzip.end();
    else this.#response.end();
  }

  /** Answers with an error, or cuts the connection when part of a result is out: a client must not take that for the whole. */
  fail(error: EngineError): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    response.removeHeader("Content-Encoding");
    // The rest of a refused body is not worth waiting for on this connection.
    if (!response.req.complete) response.setHeader("Connection", "close");
    response.setHeader("X-ClickHouse-Exception-Code", String(error.code));
    if (error.retryAfter) response.setHeader("Retry-After", "1");
    const version = error.message.includes("(version") ? "" : ` (version ${this.#version})`;
    sendPlain(response, error.status, `${error.message}${version}\n`);
  }
}
