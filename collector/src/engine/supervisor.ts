import { type Logger, messageOf } from "@vedette/sdk";
import { type EngineChild, spawnEngine } from "./child.ts";
import type { EngineStart } from "./messages.ts";
import type { EngineState } from "./options.ts";
import { RestartPolicy } from "./restarts.ts";

const READY_WITHIN_MS = 30_000;
const STOP_EXTRA_MS = 2_000;

export interface SupervisorDeps {
  readonly log: Logger;
  readonly onState: (state: EngineState) => void;
}

/**
 * Keeps one engine process running: starts it again after each end, with the same port and keys, so clients only reconnect.
 */
export class Supervisor {
  #start: EngineStart;
  readonly #deps: SupervisorDeps;
  readonly #restarts = new RestartPolicy();
  #child: EngineChild | undefined;
  readonly #stopping = new AbortController();
  #wake: () => void = () => {};
  #loop: Promise<void> = Promise.resolve();

  constructor(start: EngineStart, deps: SupervisorDeps) {
    this.#start = start;
    this.#deps = deps;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the first process. Throws `engine.exited` with the reason when it cannot start; later ends are retried. */
  async start(): Promise<number> {
    const child = await this.#spawn();
    this.#loop = this.#watch(child);
    return child.port;
  }

  async #spawn(): Promise<EngineChild> {
    const { log, onState } = this.#deps;
    onState({ name: "starting" });
    const child = await spawnEngine(this.#start, {
      log,
      signal: this.#stopping.signal,
      readyWithinMs: READY_WITHIN_MS + this.#start.limits.lockWaitMs,
      onLocked: (holder) => {
        log.warn(
          { holder, directory: this.#start.dataDirectory },
          "Another process uses the engine's data; waiting.",
        );
        onState({ name: "locked", holder });
      },
    });
    this.#start = { ...this.#start, port: child.port };
    this.#child = child;
    log.info({ pid: child.pid, port: child.port, version: child.version }, "The engine is ready.");
    onState({ name: "ready", version: child.version, pid: child.pid });
    return child;
  }

  async #watch(first: EngineChild): Promise<void> {
    let child: EngineChild | undefined = first;
    while (child) {
      const readyAt = performance.now();
      let reason = await child.ended;
      let livedMs = performance.now() - readyAt;
      this.#child = undefined;
      child = undefined;
      while (!this.#stopping.signal.aborted && !child) {
        const { afterMs, tripped } = this.#restarts.next(performance.now(), livedMs);
        this.#deps.log.error({ reason, afterMs, tripped }, "The engine ended and is started again.");
        livedMs = 0;
        this.#deps.onState({ name: "restarting", reason, afterMs, tripped });
        await this.#pause(afterMs);
        if (this.#stopping.signal.aborted) break;
        child = await this.#spawn().catch((error: unknown) => {
          reason = messageOf(error);
          return undefined;
        });
      }
      // A stop that came while the process was starting found no child to end.
      if (child && this.#stopping.signal.aborted)
        void child.stop(this.#start.limits.shutdownGraceMs + STOP_EXTRA_MS);
    }
    this.#deps.onState({ name: "stopped" });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the process gently, then by force; returns when it is gone. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#child?.stop(this.#start.limits.shutdownGraceMs + STOP_EXTRA_MS);
    await this.#loop;
  }
}
