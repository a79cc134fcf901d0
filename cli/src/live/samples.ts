/** One line of a Prometheus text page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the Prometheus text format 0.0.4, as far as our own programs write it. Other lines are left out. */
export function parseSamples(text: string): Sample[] {
  return text.split("\n").flatMap((each) => {
    const found = each.startsWith("#") ? null : line.exec(each);
    if (!found) return [];
    const labels: Record<string, string> = {};
    for (const [, name = "", value = ""] of (found[2] ?? "").matchAll(label))
      labels[name] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    return [{ name: found[1] ?? "", labels, value: Number(found[3]) }];
  });
}

/** A counter or gauge with what it gained per second since the samples before. */
export interface Rate extends Sample {
  /** Undefined for gauges, and without earlier samples. */
  readonly perSecond: number | undefined;
}

const keyOf = ({ name, labels }: Sample): string =>
  `${name} ${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",")}`;

/** Rates between two readings. A counter that fell belongs to a program that was started anew: it counts from zero. */
export function ratesOf(
  now: readonly Sample[],
  before: readonly Sample[] | undefined,
  seconds: number,
): Rate[] {
  const earlier = new Map((before ?? []).map((sample) => [keyOf(sample), sample.value]));
  return now.map((sample) => {
    if (!sample.name.endsWith("_total") || !before || seconds <= 0)
      return { ...sample, perSecond: undefined };
    const last = earlier.get(keyOf(sample)) ?? 0;
    return { ...sample, perSecond: (sample.value >= last ? sample.value - last : sample.value) / seconds };
  });
}
