import type { Texts } from "@vedette/core/batch";
import { type Numbering, numberingOf, unnumbered } from "@vedette/core/kernels";
import type { AnyPlugin, Enricher, Health, Logger } from "@vedette/sdk";
import { messageOf } from "@vedette/sdk";
import { type FieldFacts, fieldFacts, roomFor } from "./fact-columns.ts";
import { type Fact, type FactField, factField, fitting } from "./facts.ts";

/** The facts about some values, each set of them once. */
export interface DistinctFacts {
  /** For each value a place in `sets`. */
  readonly places: Uint32Array;
  /** Numbers of the sets in `fields`; 0 stands for no facts. */
  readonly sets: Uint32Array;
}

/** A field and what is known of it. */
export interface SourceField extends FactField {
  readonly facts: FieldFacts;
}

/** Bound of the bytes of texts, beside that of the number of sets: beyond it all is asked for again. */
const maxBytes = 16 << 20;

/** After this many failures in a row within a batch, the rest of the batch goes on without this source. */
const maxFailures = 100;

/** One opened enricher with its cache, its counters and its faults kept to itself. */
export class EnrichSource {
  readonly id: string;
  readonly from: string;
  readonly fields: readonly SourceField[];
  readonly #enricher: Enricher;
  readonly #limit: number;
  /** Values that were asked for, by their bytes, so that no text is made to find one. */
  readonly #values: Numbering;
  /** By the number of a value, the set of its facts + 2; 1 of the empty value, 0 of one that was not asked for. */
  readonly #answers: Uint32Array;
  /** The number of a set by its facts: many addresses have the same, and columns are made per distinct facts. */
  readonly #sets = new Map<string, number>();
  /** By set, its place among those that `distinct` met last, and which call that was. */
  #places = new Uint32Array(256);
  #marks = new Uint32Array(256);
  #mark = 0;
  #numbers = new Uint32Array(0);
  #edition: number;
  readonly #log: Logger;
  #failuresInARow = 0;
  #lastFailure = "";
  readonly stats = { lookups: 0, cached: 0, failures: 0, skipped: 0, unfitting: 0 };

  constructor(plugin: AnyPlugin, enricher: Enricher, cacheSize: number, log: Logger) {
    const { from, to } = plugin.enrich!;
    this.id = plugin.id;
    this.from = from;
    this.fields = to.flatMap((path) => {
      const field = factField(path);
      return field ? { ...field, facts: fieldFacts(field.kind) } : [];
    });
    this.#enricher = enricher;
    this.#limit = Math.max(1, cacheSize);
    this.#values = numberingOf(this.#limit);
    this.#answers = new Uint32Array(this.#limit);
    this.#edition = enricher.edition?.() ?? 0;
    this.#log = log;
  }

  /** Call before each batch: a source that failed is tried again. What was given of the batch before is void. */
  begin(): void {
    this.#failuresInARow = 0;
    const edition = this.#enricher.edition?.() ?? 0;
    const bytes = this.fields.reduce((sum, { facts }) => sum + facts.bytes, 0);
    if (edition === this.#edition && this.#sets.size < this.#limit && bytes < maxBytes) return;
    this.#edition = edition;
    this.#forgetValues();
    this.#sets.clear();
    for (const { facts } of this.fields) facts.clear();
  }

  #forgetValues(): void {
    this.#values.clear();
    this.#answers.fill(0);
  }

  /** The facts about all of some texts, which lie one behind the other. */
  distinct(texts: Texts): DistinctFacts {
    const { count } = texts;
    if (this.#numbers.length < count) this.#numbers = new Uint32Array(count);
    const numbers = this.#numbers;
    const places = new Uint32Array(count);
    const sets: number[] = [];
    const mark = ++this.#mark;
    for (let value = 0; value < count; ) {
      const end = this.#values.take(texts, value, numbers);
      for (; value < end; value++) {
        const number = numbers[value]!;
        const answer = number === unnumbered ? 0 : this.#answers[number]!;
        let set = 0;
        if (answer > 1) {
          set = answer - 2;
          this.stats.cached++;
        } else if (answer === 0) set = this.#ask(texts, value, number);
        if (this.#marks[set] !== mark) {
          this.#marks[set] = mark;
          this.#places[set] = sets.push(set) - 1;
        }
        places[value] = this.#places[set]!;
      }
      // What is still asked for costs one more look-up in so many values.
      if (end < count) this.#forgetValues();
    }
    return { places, sets: Uint32Array.from(sets) };
  }

  /** The set of facts about a value that is not known, which is remembered by its number. */
  #ask({ bytes, bounds }: Texts, value: number, number: number): number {
    const [from, to] = [bounds[value * 2]!, bounds[value * 2 + 1]!];
    if (from === to) {
      this.#answers[number] = 1;
      return 0;
    }
    if (this.#failuresInARow >= maxFailures) {
      this.stats.skipped++;
      return 0;
    }
    try {
      this.stats.lookups++;
      const set = this.#setOf(this.#enricher.lookup(bytes.toString("utf8", from, to)));
      this.#failuresInARow = 0;
      if (number !== unnumbered) this.#answers[number] = set + 2;
      return set;
    } catch (error) {
      this.#fail(error);
      return 0;
    }
  }

  #setOf(answer: Readonly<Record<string, string | number>> | undefined): number {
    if (!answer) return 0;
    let any = false;
    const values = this.fields.map(({ path, kind }): Fact => {
      const value = Object.hasOwn(answer, path) ? answer[path] : undefined;
      const fits = fitting(kind, value);
      if (fits === undefined && value !== undefined) this.stats.unfitting++;
      any ||= fits !== undefined;
      return fits;
    });
    if (!any) return 0;
    const text = JSON.stringify(values);
    const known = this.#sets.get(text);
    if (known !== undefined) return known;
    const set = this.#sets.size + 1;
    this.#sets.set(text, set);
    for (const [at, { facts }] of this.fields.entries()) facts.add(set, values[at]);
    this.#marks = roomFor(set, this.#marks);
    this.#places = roomFor(set, this.#places);
    return set;
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
