import { type InputDeps, type InputSink, messageOf } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { Demultiplexer, type StreamName } from "./demultiplexer.ts";
import type { Container, DockerEngine } from "./engine.ts";
import { LineJoiner } from "./line-joiner.ts";
import { secondsOf } from "./place.ts";
import type { Settings } from "./settings.ts";
import type { StreamSource } from "./stream-source.ts";

const maxRetryMs = 60_000;

/** Follows the log of one container until it ends for good. */
export class Follower {
  readonly #container: Container;
  readonly #engine: DockerEngine;
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #sources: ReadonlyMap<StreamName, StreamSource>;
  /** Skip what there is, at the first beginning only. */
  #fromEnd: boolean;
  #again = false;

  constructor(
    container: Container,
    sources: ReadonlyMap<StreamName, StreamSource>,
    fromEnd: boolean,
    engine: DockerEngine,
    settings: Settings,
    deps: InputDeps,
  ) {
    this.#container = container;
    this.#engine = engine;
    this.#settings = settings;
    this.#deps = deps;
    this.#sources = sources;
    this.#fromEnd = fromEnd && [...sources.values()].every(({ place }) => place === undefined);
  }

  /** The container was started again: its log goes on although it seemed to end. */
  restarted(): void {
    this.#again = true;
  }

  /** Resolves when the container has ended and was not started again. Never rejects. */
  async run(sink: InputSink): Promise<void> {
    const { signal, log, failed } = this.#deps;
    const backoff = new Backoff(this.#settings.retrySeconds * 1_000, maxRetryMs);
    while (!signal.aborted) {
      this.#again = false;
      try {
        if (!(await this.#follow(sink))) return;
        if (!this.#again) return;
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        failed("log");
        const reason = messageOf(error);
        log.warn({ container: this.#container.name, reason }, "A container's log broke off; it is read on.");
        await wait(backoff.next(), signal);
      }
    }
  }

  /** Reads the log once from where it was taken. False where the container is gone. */
  async #follow(sink: InputSink): Promise<boolean> {
    const { signal } = this.#deps;
    const { id } = this.#container;
    const terminal = await this.#engine.hasTerminal(id);
    if (terminal === undefined) return false;
    const tail = this.#fromEnd ? "0" : "all";
    const response = await this.#engine.log(
      id,
      { since: this.#since(), tail, streams: this.#settings.streams },
      signal,
    );
    if (response === undefined) return false;
    this.#fromEnd = false;
    for (const source of this.#sources.values()) source.begin();
    const joiners = new Map<StreamName, LineJoiner>();
    for (const stream of ["stdout", "stderr"] as const)
      joiners.set(stream, new LineJoiner(this.#settings.maxLineBytes, !terminal));
    const frames = new Demultiplexer();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const pieces = terminal
        ? [{ stream: "stdout" as const, bytes: chunk, first: false }]
        : frames.take(chunk);
      for (const { stream, bytes, first } of pieces) {
        for (const line of joiners.get(stream)?.take(bytes, first) ?? []) {
          const other = joiners.get(stream === "stdout" ? "stderr" : "stdout");
          const log = this.#sources.get(stream)?.take(line, other?.openSince);
          const full = log && sink.push(log);
          if (full) await full;
          if (signal.aborted) return true;
        }
      }
    }
    for (const [stream, joiner] of joiners) {
      const line = joiner.rest();
      const log = line && this.#sources.get(stream)?.take(line, undefined);
      if (log) await sink.push(log);
    }
    return true;
  }

  /** The earlier of the streams' places. What a stream without one had begun to write is in the other's. */
  #since(): string {
    const times = [...this.#sources.values()].map(({ place }) => place?.since ?? "").sort();
    const known = times.filter((time) => time !== "");
    return known[0] === undefined ? "0" : secondsOf(known[0]);
  }
}
