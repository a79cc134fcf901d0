/** Bound of label combinations per metric; further ones are counted under the label value `other`. */
const maxSeries = 1_000;

export type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  render(): string[];
}

/** A value that only grows. */
export interface Counter {
  add(count: number, labels?: Labels): void;
  /** Sum over the series whose labels contain the given ones. */
  total(labels?: Labels): number;
}

/** A value that goes up and down, set or read when metrics are rendered. */
export interface Gauge {
  set(value: number, labels?: Labels): void;
}

/** Counts of observations by upper bound, in the unit the name says. */
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/**
 * A process's metrics in the Prometheus text format 0.0.4. Names carry the unit, labels are bounded.
 * One registry per agent or collector, passed by hand, so that two can live in one process.
 */
export class Telemetry {
  readonly #metrics = new Map<string, Metric>();
  readonly #collectors: (() => void)[] = [];

  /** Throws a TypeError on a second metric of the same name. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const series = new Series(labelNames);
    this.#add(name, () => [head(name, help, "counter"), ...series.lines(name)]);
    return {
      add: (count, labels) => series.at(labels, (value) => value + count),
      total: (labels) => series.sum(labels),
    };
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    const series = new Series(labelNames);
    this.#add(name, () => [head(name, help, "gauge"), ...series.lines(name)]);
    return { set: (value, labels) => series.at(labels, () => value) };
  }

  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    labelNames: readonly string[] = [],
  ): Histogram {
    const buckets = bounds.map(() => new Series(labelNames));
    const count = new Series(labelNames);
    const sum = new Series(labelNames);
    this.#add(name, () => [
      head(name, help, "histogram"),
      ...buckets.flatMap((series, i) => series.lines(`${name}_bucket`, `le="${bounds[i]}"`)),
      ...count.lines(`${name}_bucket`, 'le="+Inf"'),
      ...sum.lines(`${name}_sum`),
      ...count.lines(`${name}_count`),
    ]);
    return {
      observe: (value, labels) => {
        for (const [i, bound] of bounds.entries())
          buckets[i]!.at(labels, (n) => n + (value <= bound ? 1 : 0));
        count.at(labels, (n) => n + 1);
        sum.at(labels, (n) => n + value);
      },
    };
  }

  /** Runs before every render; sets the gauges that are cheaper to read than to keep. */
  onRender(collect: () => void): void {
    this.#collectors.push(collect);
  }

  render(): string {
    for (const collect of this.#collectors) collect();
    return `${[...this.#metrics.values()].flatMap((metric) => metric.render()).join("\n")}\n`;
  }

  #add(name: string, render: () => string[]): void {
    if (this.#metrics.has(name)) throw new TypeError(`Two metrics are named ${name}.`);
    this.#metrics.set(name, { name, render });
  }
}

const head = (name: string, help: string, type: string): string =>
  `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}`;

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"').slice(0, 200);

/** The values of one metric by label values. */
class Series {
  readonly #names: readonly string[];
  readonly #values = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.#names = names;
    if (names.length === 0) this.#values.set("", 0);
  }

  at(labels: Labels | undefined, change: (value: number) => number): void {
    let key = this.#key(labels);
    if (!this.#values.has(key) && this.#values.size >= maxSeries) {
      key = this.#names.map((name) => `${name}="other"`).join(",");
    }
    this.#values.set(key, change(this.#values.get(key) ?? 0));
  }

  #key(labels: Labels | undefined): string {
    if (this.#names.length === 0) return "";
    return this.#names.map((name) => `${name}="${escaped(labels?.[name] ?? "")}"`).join(",");
  }

  sum(labels: Labels | undefined): number {
    const wanted = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escaped(value)}"`);
    let sum = 0;
    for (const [key, value] of this.#values) if (wanted.every((part) => key.includes(part))) sum += value;
    return sum;
  }

  lines(name: string, extra = ""): string[] {
    return [...this.#values].map(([key, value]) => {
      const labels = [key, extra].filter((part) => part !== "").join(",");
      return labels ? `${name}{${labels}} ${value}` : `${name} ${value}`;
    });
  }
}

/** Brings a counter up to a value that is kept elsewhere. Not by its own total: beyond its bound, series are folded. */
export function upTo(counter: Counter): (value: number, labels: Readonly<Record<string, string>>) => void {
  const counted = new Map<string, number>();
  return (value, labels) => {
    const name = Object.values(labels).join("\n");
    const missing = value - (counted.get(name) ?? 0);
    if (missing > 0) counter.add(missing, labels);
    counted.set(name, value);
  };
}
