import { type Histogram, severities } from "../../api/types.ts";
import { tValue } from "../../i18n/index.ts";
import { short } from "../../lib/format.ts";
import { seriesOf } from "./series.ts";

/** The severities with their colours and sums. */
export function Legend({ histogram }: { histogram: Histogram }) {
  const sums = new Map(
    seriesOf(histogram).map(({ name, counts }) => [name, counts.reduce((sum, each) => sum + each, 0)]),
  );
  return (
    <ul class="legend">
      {severities.map((name) => (
        <li key={name}>
          <i class={`swatch swatch-${name}`} aria-hidden="true" /> {tValue("severity", name)}
          <b>{short(sums.get(name) ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}
