import { mkdtempSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Stream = "stdout" | "stderr";

/** One message of the engine's log: at most 16 KiB, and a newline where it ends a line. */
interface Message {
  readonly stream: Stream;
  readonly time: string;
  readonly bytes: Buffer;
}

interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Record<string, string>;
  readonly tty: boolean;
  running: boolean;
  readonly log: Message[];
  readonly readers: Set<() => void>;
  /** The time of a line that has begun and not ended: its further parts have it too. */
  readonly open: Map<Stream, string>;
}

const partBytes = 16 * 1_024;
const start = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * Stands in for a Docker engine, which does not run on the machines of these tests: a real server on a real unix socket that
 * answers as the Engine API is documented to: frames of 8 bytes of header, RFC 3339 times with nine digits before each
 * message, parts of 16 KiB, `since` that includes its time, a log that ends when the container does.
 */
export class FakeEngine {
  readonly socket = join(mkdtempSync(join(tmpdir(), "vedette-docker-")), "docker.sock");
  readonly requests: string[] = [];
  readonly #containers = new Map<string, FakeContainer>();
  readonly #listeners = new Set<ServerResponse>();
  #server: Server | undefined;
  #clock = 0;
  /** Bytes per write of a log, to cut frames at any place. */
  chunkBytes = 1_000_000;

  async up(): Promise<void> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#listeners.clear();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  add(name: string, more: { image?: string; labels?: Record<string, string>; tty?: boolean } = {}): string {
    const id = Buffer.from(name.padEnd(32, "_").slice(0, 32)).toString("hex");
    const { image = "app:1", labels = {}, tty = false } = more;
    const container = {
      id,
      name,
      image,
      labels,
      tty,
      running: true,
      log: [],
      readers: new Set<() => void>(),
      open: new Map<Stream, string>(),
    };
    this.#containers.set(name, container);
    this.#tell("start", id);
    return id;
  }

  /** Writes text as a container does, cut into messages. `sameTime` gives it the time of the message before. */
  write(name: string, text: string, stream: Stream = "stdout", sameTime = false): void {
    const container = this.#get(name);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(10, at);
      const end = newline < 0 ? bytes.length : newline + 1;
      // A full part never carries the newline: that comes in a message of its own.
      const stop = Math.min(end, at + partBytes);
      const begun = container.open.get(stream);
      if (!sameTime && begun === undefined) this.#clock += 1_001;
      const time = begun ?? this.#time();
      container.log.push({ stream, time, bytes: bytes.subarray(at, stop) });
      at = stop;
      if (bytes[at - 1] === 10) container.open.delete(stream);
      else container.open.set(stream, time);
    }
    for (const wake of container.readers) wake();
  }

  stop(name: string): void {
    const container = this.#get(name);
    container.running = false;
    container.open.clear();
    for (const wake of container.readers) wake();
    this.#tell("die", container.id);
  }

  restart(name: string): void {
    const container = this.#get(name);
    container.running = true;
    this.#tell("start", container.id);
  }

  remove(name: string): void {
    const container = this.#get(name);
    this.stop(name);
    this.#containers.delete(name);
    this.#tell("destroy", container.id);
  }

  #get(name: string): FakeContainer {
    const container = this.#containers.get(name);
    if (!container) throw new RangeError(`There is no container ${name}.`);
    return container;
  }

  #time(): string {
    const ms = start + Math.floor(this.#clock / 1e6);
    return `${new Date(ms).toISOString().slice(0, 19)}.${String((ms % 1_000) * 1e6 + (this.#clock % 1e6)).padStart(9, "0")}Z`;
  }

  #tell(action: string, id: string): void {
    for (const listener of this.#listeners) {
      listener.write(`${JSON.stringify({ Type: "container", Action: action, Actor: { ID: id } })}\n`);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://docker");
    this.requests.push(url.pathname + url.search);
    const path = url.pathname.replace(/^\/v1\.\d+/, "");
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    if (path === "/events") {
      response.writeHead(200, { "Content-Type": "application/json" }).flushHeaders();
      this.#listeners.add(response);
      response.on("close", () => this.#listeners.delete(response));
      return;
    }
    if (path === "/containers/json") {
      const list = [...this.#containers.values()].filter(({ running }) => running);
      json(
        200,
        list.map(({ id, name, image, labels }) => ({
          Id: id,
          Names: [`/${name}`],
          Image: image,
          State: "running",
          Labels: labels,
        })),
      );
      return;
    }
    const [, id, what] = /^\/containers\/([0-9a-f]+)\/(json|logs)$/.exec(path) ?? [];
    const container = [...this.#containers.values()].find((each) => each.id === id);
    if (!container) json(404, { message: `No such container: ${id}` });
    else if (what === "json") json(200, { Id: container.id, Config: { Tty: container.tty } });
    else void this.#log(container, url.searchParams, response);
  }

  async #log(container: FakeContainer, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const kind = container.tty ? "raw" : "multiplexed";
    response.writeHead(200, { "Content-Type": `application/vnd.docker.${kind}-stream` }).flushHeaders();
    const since = query.get("since") ?? "0";
    let at = query.get("tail") === "0" ? container.log.length : 0;
    let gone = false;
    response.on("close", () => {
      gone = true;
      for (const wake of container.readers) wake();
    });
    while (!gone) {
      for (; at < container.log.length && !gone; at++) {
        const message = container.log[at];
        if (!message || query.get(message.stream) !== "1" || nanosOf(message.time) < nanosSince(since))
          continue;
        await this.#send(response, frameOf(message, container.tty));
      }
      if (!container.running) {
        response.end();
        return;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          container.readers.delete(wake);
          resolve();
        };
        container.readers.add(wake);
        if (gone || at < container.log.length || !container.running) wake();
      });
    }
  }

  async #send(response: ServerResponse, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !response.destroyed; at += this.chunkBytes) {
      const more = response.write(bytes.subarray(at, at + this.chunkBytes));
      if (this.chunkBytes < bytes.length) await new Promise((resolve) => setImmediate(resolve));
      if (more) continue;
      await new Promise((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    }
  }
}

function frameOf({ stream, time, bytes }: Message, tty: boolean): Buffer {
  const content = Buffer.concat([Buffer.from(`${time} `), bytes]);
  if (tty) return content;
  const header = Buffer.alloc(8);
  header[0] = stream === "stdout" ? 1 : 2;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

const nanosOf = (time: string): bigint =>
  BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));

function nanosSince(since: string): bigint {
  const [seconds = "0", fraction = ""] = since.split(".");
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0") || "0");
}
