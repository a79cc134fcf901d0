import { type Health, type Input, type InputDeps, type InputSink, messageOf } from "@vedette/sdk";
import { Backoff, wait } from "@vedette/sdk/input";
import { chooser, ownContainer } from "./choose.ts";
import type { StreamName } from "./demultiplexer.ts";
import { type Container, DockerEngine } from "./engine.ts";
import { Follower } from "./follower.ts";
import type { Settings } from "./settings.ts";
import { StreamSource } from "./stream-source.ts";

const maxRetryMs = 60_000;

/** Follows the output of the chosen containers, those that are started later included. */
export class DockerInput implements Input {
  readonly #settings: Settings;
  readonly #deps: InputDeps;
  readonly #engine: DockerEngine;
  readonly #chosen: (container: Container) => boolean;
  readonly #followers = new Map<string, { readonly follower: Follower; readonly ended: Promise<void> }>();
  /** Streams by container, kept while it may be started again: a checkpoint is behind what was pushed. */
  readonly #sources = new Map<string, ReadonlyMap<StreamName, StreamSource>>();
  readonly #removed = new Set<string>();
  #first = true;
  #problem: string | undefined = "The engine was not asked yet.";

  constructor(settings: Settings, deps: InputDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#engine = new DockerEngine(settings.socket, deps.signal);
    this.#chosen = chooser(settings, ownContainer());
  }

  async run(sink: InputSink): Promise<void> {
    const { signal, log, failed } = this.#deps;
    const backoff = new Backoff(this.#settings.retrySeconds * 1_000, maxRetryMs);
    while (!signal.aborted) {
      try {
        await this.#watch(sink, () => backoff.reset());
        throw new Error("The engine ended its events.");
      } catch (error) {
        if (signal.aborted) break;
        this.#problem = messageOf(error);
        failed("engine");
        log.warn(
          { socket: this.#settings.socket, reason: this.#problem },
          "The Docker engine is asked again.",
        );
        await wait(backoff.next(), signal);
      }
    }
    await Promise.all([...this.#followers.values()].map(({ ended }) => ended));
  }

  durable(): void {}

  health(): Health {
    if (this.#problem !== undefined) return { status: "error", message: this.#problem };
    return { status: "healthy", message: `${this.#followers.size} containers are followed.` };
  }

  /** Follows what runs, then what is started, until the events end. */
  async #watch(sink: InputSink, ready: () => void): Promise<void> {
    let listed: Promise<void> = Promise.resolve();
    let failure: unknown;
    const refresh = (): void => {
      listed = listed
        .then(() => this.#refresh(sink))
        .catch((error: unknown) => {
          failure ??= error;
        });
    };
    for await (const { action, id } of this.#engine.events(() => {
      refresh();
      void listed.then(() => {
        if (failure === undefined) ready();
      });
    })) {
      if (action === "start") {
        this.#followers.get(id)?.follower.restarted();
        refresh();
      } else if (action === "destroy") {
        if (this.#followers.has(id)) this.#removed.add(id);
        else this.#forget(id);
      }
      if (failure !== undefined) break;
    }
    await listed;
    if (failure !== undefined) throw failure;
  }

  async #refresh(sink: InputSink): Promise<void> {
    const containers = await this.#engine.containers();
    this.#problem = undefined;
    const fromEnd = this.#first && this.#settings.startAt === "end";
    this.#first = false;
    for (const container of containers) {
      if (this.#followers.has(container.id) || !this.#chosen(container)) continue;
      if (this.#followers.size >= this.#settings.maxContainers) {
        this.#deps.failed("too_many");
        this.#deps.log.warn(
          { container: container.name, maxContainers: this.#settings.maxContainers },
          "A container is not followed: there are too many.",
        );
        continue;
      }
      this.#follow(container, fromEnd, sink);
    }
  }

  #follow(container: Container, fromEnd: boolean, sink: InputSink): void {
    const { id } = container;
    const sources = this.#sourcesOf(container);
    const follower = new Follower(container, sources, fromEnd, this.#engine, this.#settings, this.#deps);
    const ended = follower.run(sink).finally(() => {
      this.#followers.delete(id);
      if (this.#removed.delete(id)) this.#forget(id);
    });
    this.#followers.set(id, { follower, ended });
  }

  #sourcesOf(container: Container): ReadonlyMap<StreamName, StreamSource> {
    let sources = this.#sources.get(container.id);
    if (!sources) {
      const { streams, labels } = this.#settings;
      sources = new Map(
        streams.map((stream) => [stream, new StreamSource(container, stream, labels, this.#deps)]),
      );
      this.#sources.set(container.id, sources);
      this.#shrink();
    }
    return sources;
  }

  /** Bounds what is kept of containers that ended and were not seen to be removed. */
  #shrink(): void {
    for (const id of this.#sources.keys()) {
      if (this.#sources.size <= 2 * this.#settings.maxContainers) return;
      if (!this.#followers.has(id)) this.#sources.delete(id);
    }
  }

  /** Drops what is known of a container that was removed. */
  #forget(id: string): void {
    for (const source of this.#sources.get(id)?.values() ?? []) source.forget();
    this.#sources.delete(id);
  }
}
