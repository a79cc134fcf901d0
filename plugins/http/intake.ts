import { CountedSource, type InputDeps, type InputSink, type Text } from "@vedette/sdk";
import { DurableWaiters } from "@vedette/sdk/input";
import { later } from "./answer.ts";

/** Pushes the logs of requests, and knows when they are on disk. */
export class Intake {
  readonly waiters = new DurableWaiters();
  readonly #sink: InputSink;
  readonly #deps: InputDeps;
  readonly #durableWithinMs: number;
  readonly #sources = new Map<string, CountedSource>();
  readonly #fail: (error: unknown) => void;
  #blocked = 0;
  #arriving = 0;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(sink: InputSink, deps: InputDeps, durableWithinMs: number, fail: (error: unknown) => void) {
    this.#sink = sink;
    this.#deps = deps;
    this.#durableWithinMs = durableWithinMs;
    this.#fail = fail;
  }

  /** True while the spool makes requests wait. */
  get blocked(): boolean {
    return this.#blocked > 0;
  }

  /** Notes a request that may still push logs; call what it returns when it has, or will not. Safe to call twice. */
  arriving(): () => void {
    let here = true;
    this.#arriving++;
    return () => {
      if (here && --this.#arriving === 0) this.#idle?.();
      here = false;
    };
  }

  /** Resolves when no request is arriving or the time is over; takes nothing from then on. */
  async finish(withinMs: number): Promise<void> {
    if (this.#arriving > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        setTimeout(resolve, withinMs).unref();
      });
    }
    this.#closed = true;
  }

  /** Takes all logs of a request. Resolves when the last is pushed, with a promise for their being on disk. */
  async take(
    rows: readonly Text[],
    dataType: string,
    dataSource: string,
    facts: Readonly<Record<string, string>>,
  ): Promise<{ readonly durable: Promise<void> }> {
    if (this.#closed) throw later("not_ready", "The input stops.");
    try {
      const source = this.#source(dataType);
      let end = 0;
      for (const { raw, flaw, kind } of rows) {
        if (kind !== undefined) this.#deps.flawed(kind);
        const log = source.log(raw, dataSource, facts, flaw);
        end = log.position.end;
        const wait = this.#sink.push(log);
        if (wait) await this.#wait(wait);
      }
      this.#sink.hasten?.(dataType, this.#durableWithinMs);
      return { durable: rows.length === 0 ? Promise.resolve() : this.waiters.wait(source.source, end) };
    } catch (error) {
      this.#fail(error);
      throw later("input_failed", "The input failed; a part of the logs may have been taken.");
    }
  }

  async #wait(push: Promise<void>): Promise<void> {
    this.#blocked++;
    try {
      await push;
    } finally {
      this.#blocked--;
    }
  }

  #source(dataType: string): CountedSource {
    let source = this.#sources.get(dataType);
    if (!source) {
      source = new CountedSource(this.#deps, dataType, dataType);
      this.#sources.set(dataType, source);
    }
    return source;
  }
}
