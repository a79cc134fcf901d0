import type { RowSink } from "@vedette/core/plugins/icon";
import { CountedSource, type InputDeps, type InputSink, type Position, textOf } from "@vedette/sdk";
import { DurableWaiters } from "@vedette/sdk/input";

/** Rows that are pushed before they are waited for. */
const together = 1_000;
/** Somebody waits for them: they are to be on disk so soon, milliseconds. */
const withinMs = 0;

/** Turns rows of a plugin into logs, and knows when they are on disk. */
export class EventSink implements RowSink {
  readonly #deps: InputDeps;
  readonly #source: CountedSource;
  readonly #facts: Readonly<Record<string, string>>;
  readonly #maxBytes: number;
  readonly #waiters = new DurableWaiters();
  /** Rejects when the input ends: a full spool must not hold it. */
  readonly #ended = Promise.withResolvers<never>();
  #sink: InputSink | undefined;

  constructor(deps: InputDeps, component: string, maxBytes: number) {
    this.#deps = deps;
    this.#source = new CountedSource(deps, "events", deps.dataType);
    this.#facts = { component };
    this.#maxBytes = maxBytes;
    this.#ended.promise.catch(() => {});
  }

  /** Where logs go from now on. */
  into(sink: InputSink): void {
    this.#sink = sink;
  }

  next(): number {
    return this.#source.end;
  }

  durableTo(): number | undefined {
    return this.#deps.checkpoint(this.#source.source)?.end;
  }

  /** Takes rows; resolves when all of them are on disk. Rejects when the input ends before that. */
  async take(rows: readonly unknown[]): Promise<void> {
    const sink = this.#sink;
    if (!sink) throw new Error("The input does not run.");
    for (let from = 0; from < rows.length; from += together) {
      for (const row of rows.slice(from, from + together)) {
        const full = this.#push(sink, row);
        if (full) await Promise.race([full, this.#ended.promise]);
      }
      const durable = this.#waiters.wait(this.#source.source, this.#source.end);
      sink.hasten?.(this.#deps.dataType, withinMs);
      await durable;
    }
  }

  durable(position: Position): void {
    this.#waiters.reached(position);
  }

  giveUp(): void {
    const error = new Error("The input ends.");
    this.#ended.reject(error);
    this.#waiters.giveUp(error);
  }

  #push(sink: InputSink, row: unknown): void | Promise<void> {
    const text = typeof row === "string" ? row : JSON.stringify(row ?? null);
    const { raw, flaw, kind } = textOf(Buffer.from(text), this.#maxBytes);
    if (kind !== undefined) this.#deps.flawed(kind);
    return sink.push(this.#source.log(raw, this.#deps.dataSource, this.#facts, flaw));
  }
}
