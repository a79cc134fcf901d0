import { Buffer } from "node:buffer";
import type { PluginLog, SocketHost } from "@vedette/core/socket-plugins";
import {
  CountedSource,
  type Health,
  type Input,
  type InputDeps,
  type InputLog,
  type InputSink,
  type Position,
  textOf,
} from "@vedette/sdk";

/** Data types that plugins may bring; logs of further ones are `generic`. */
const maxTypes = 256;
const maxLogBytes = 1 << 20;
/** A log may say that it is of the future only as far as clocks differ. */
const maxAheadMs = 86_400_000;

interface Unsafe {
  readonly end: number;
  readonly acknowledge: () => void;
}

interface Source {
  readonly counted: CountedSource;
  /** Logs that are not on disk yet, in their order. */
  readonly unsafe: Unsafe[];
}

/** The logs of all input plugins over sockets: each is acknowledged when it is on disk. */
export class PluginLogs implements Input {
  readonly #host: SocketHost;
  readonly #deps: InputDeps;
  readonly #sources = new Map<string, Source>();

  constructor(host: SocketHost, deps: InputDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  async run(sink: InputSink): Promise<void> {
    const { signal } = this.#deps;
    this.#host.takeLogs((log, acknowledge) => {
      // What comes while the agent ends is sent again: nobody has acknowledged it.
      if (signal.aborted) return;
      return this.#take(sink, log, acknowledge);
    });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#host.takeLogs(undefined);
  }

  durable({ source, end }: Position): void {
    const unsafe = this.#sources.get(source)?.unsafe;
    if (!unsafe) return;
    const first = unsafe.findIndex((each) => each.end > end);
    for (const { acknowledge } of unsafe.splice(0, first < 0 ? unsafe.length : first)) acknowledge();
  }

  health(): Health {
    const bad = this.#host.status().filter(({ state }) => state === "error");
    const [first] = bad;
    if (!first) return { status: "healthy", message: "Taking logs of plugins." };
    const more = bad.length > 1 ? ` ${bad.length - 1} more plugins have something to say.` : "";
    return { status: "warning", message: `Plugin ${first.id} (${first.kind}): ${first.message}${more}` };
  }

  #take(sink: InputSink, log: PluginLog, acknowledge: () => void): void | Promise<void> {
    const { flawed } = this.#deps;
    const { counted, unsafe } = this.#source(log.dataType);
    const bytes = Buffer.from(log.raw);
    const { raw, flaw, kind } = textOf(bytes, maxLogBytes);
    if (kind) flawed(kind);
    const made = counted.log(raw, log.dataSource.slice(0, 255) || "unknown", undefined, flaw);
    unsafe.push({ end: made.position.end, acknowledge });
    this.#host.announce("enqueue_success", log);
    return sink.push(this.#named(made, log));
  }

  /** The log under the name, tenant and time that the plugin gave it. */
  #named(made: InputLog, { id, tenantId, timestamp }: PluginLog): InputLog {
    const named = { ...made };
    if (/^[\x21-\x7e]{1,128}$/.test(id)) named.id = id;
    if (tenantId !== "") named.tenantId = tenantId.slice(0, 255);
    const time = Date.parse(timestamp);
    if (time > 0 && time < made.time + maxAheadMs) named.time = time;
    return named;
  }

  /** One source for each data type: batches of two types are on disk at different times. */
  #source(given: string): Source {
    let dataType = /^[\w.:-]{1,100}$/.test(given) ? given : "generic";
    const name = (type: string): string => `${this.#deps.inputId}/${type}`;
    if (!this.#sources.has(name(dataType)) && this.#sources.size >= maxTypes) dataType = "generic";
    if (dataType !== given && given !== "") this.#deps.flawed("data_type");
    let source = this.#sources.get(name(dataType));
    if (!source) {
      source = { counted: new CountedSource(this.#deps, dataType, dataType), unsafe: [] };
      this.#sources.set(name(dataType), source);
    }
    return source;
  }
}
