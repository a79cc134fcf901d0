import type { Texts } from "@vedette/core/batch";
import type { AnyPlugin, Enricher, Health, Logger } from "@vedette/sdk";
import { messageOf } from "@vedette/sdk";
import { Lru } from "../bounded/index.ts";
import { AnswerCache } from "./answer-cache.ts";
import { type FactField, factField, fitting } from "./facts.ts";

/** What is known of a value. Equal facts are one object. */
export interface Facts {
  /** In the order of the source's fields. */
  readonly values: readonly (string | number | undefined)[];
  /** Which `distinct` met it last, and as which: a map of all facts for each batch would cost more than finding them. */
  mark: number;
  place: number;
}

/** The facts about some values, each once. */
export interface DistinctFacts {
  /** For each value a place in `facts`. */
  readonly places: Uint32Array;
  readonly facts: readonly Facts[];
}

/** After this many failures in a row within a batch, the rest of the batch goes on without this source. */
const maxFailures = 100;

/** One opened enricher with its cache, its counters and its faults kept to itself. */
export class EnrichSource {
  readonly id: string;
  readonly from: string;
  readonly fields: readonly FactField[];
  readonly #enricher: Enricher;
  readonly #cache: AnswerCache<Facts>;
  #edition: number;
  /** Equal facts are one object, by their text: many addresses have the same, and columns are made per distinct facts. */
  readonly #known: Lru<string, Facts>;
  readonly #log: Logger;
  /** Stands for no facts. */
  readonly unknown: Facts = { values: [], mark: 0, place: 0 };
  #marks = 0;
  #failuresInARow = 0;
  #lastFailure = "";
  readonly stats = { lookups: 0, cached: 0, failures: 0, skipped: 0, unfitting: 0 };

  constructor(plugin: AnyPlugin, enricher: Enricher, cacheSize: number, log: Logger) {
    const { from, to } = plugin.enrich!;
    this.id = plugin.id;
    this.from = from;
    this.fields = to.map(factField).filter((field) => field !== undefined);
    this.#enricher = enricher;
    this.#cache = new AnswerCache(cacheSize);
    this.#edition = enricher.edition?.() ?? 0;
    this.#known = new Lru(cacheSize);
    this.#log = log;
  }

  /** Call before each batch: a source that failed is tried again. */
  begin(): void {
    this.#failuresInARow = 0;
    const edition = this.#enricher.edition?.() ?? 0;
    if (edition === this.#edition) return;
    this.#edition = edition;
    this.#cache.clear();
  }

  /** The facts about all of some texts. */
  distinct({ bytes, bounds, count }: Texts): DistinctFacts {
    const mark = ++this.#marks;
    const places = new Uint32Array(count);
    const facts: Facts[] = [];
    for (let value = 0; value < count; value++) {
      const found = this.lookup(bytes, bounds[value * 2]!, bounds[value * 2 + 1]!);
      if (found.mark !== mark) {
        found.mark = mark;
        found.place = facts.push(found) - 1;
      }
      places[value] = found.place;
    }
    return { places, facts };
  }

  /** The facts about the text that lies in `bytes` from `from` up to `to`, as UTF-8; `unknown` where there are none. */
  lookup(bytes: Buffer, from: number, to: number): Facts {
    if (from === to) return this.unknown;
    const known = this.#cache.get(bytes, from, to);
    if (known !== undefined) {
      this.stats.cached++;
      return known;
    }
    if (this.#failuresInARow >= maxFailures) {
      this.stats.skipped++;
      return this.unknown;
    }
    try {
      this.stats.lookups++;
      const facts = this.#read(this.#enricher.lookup(bytes.toString("utf8", from, to)));
      this.#failuresInARow = 0;
      this.#cache.set(bytes, from, to, facts);
      return facts;
    } catch (error) {
      this.#fail(error);
      return this.unknown;
    }
  }

  #read(answer: Readonly<Record<string, string | number>> | undefined): Facts {
    if (!answer) return this.unknown;
    let any = false;
    const values = this.fields.map(({ path, kind }) => {
      const value = Object.hasOwn(answer, path) ? answer[path] : undefined;
      const fits = fitting(kind, value);
      if (fits === undefined && value !== undefined) this.stats.unfitting++;
      any ||= fits !== undefined;
      return fits;
    });
    return any ? this.#one(values) : this.unknown;
  }

  #one(values: Facts["values"]): Facts {
    const text = JSON.stringify(values);
    const known = this.#known.get(text);
    if (known) return known;
    const facts: Facts = { values, mark: 0, place: 0 };
    this.#known.set(text, facts);
    return facts;
  }

  #fail(error: unknown): void {
    this.stats.failures++;
    this.#failuresInARow++;
    const message = messageOf(error);
    if (message !== this.#lastFailure) {
      this.#lastFailure = message;
      this.#log.warn({ error, plugin: this.id }, "An enricher failed; the events go on without its facts.");
    }
  }

  health(): Health {
    const { failures } = this.stats;
    const own = this.#enricher.health?.() ?? { status: "healthy", message: "Ready." };
    if (failures === 0 || own.status === "error") return own;
    const message = `${own.message} ${failures} look-ups failed, last: ${this.#lastFailure}`;
    return { status: "warning", message };
  }

  async close(): Promise<void> {
    await this.#enricher.close?.();
  }
}
