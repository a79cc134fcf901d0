import { type Histogram, severities } from "../../api/types.ts";
import { known } from "../severity.tsx";

/** One colour of a stack, from the bottom up. */
export interface Series {
  /** A severity, or "none". */
  readonly name: string;
  readonly counts: readonly number[];
}

/** A histogram by severity as stacks: info at the bottom, the worst on top, every series always there. */
export function seriesOf(histogram: Histogram): Series[] {
  return ["none", ...severities].flatMap((name) => {
    const places = histogram.values.flatMap((value, place) => (known(value) === name ? [place] : []));
    if (name === "none" && histogram.others) places.push(histogram.values.length);
    if (name === "none" && places.length === 0) return [];
    const counts = histogram.items.map((item) =>
      places.reduce((sum, place) => sum + (item.counts[place] ?? 0), 0),
    );
    return [{ name, counts }];
  });
}
