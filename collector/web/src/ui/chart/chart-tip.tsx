import type { Histogram } from "../../api/types.ts";
import { tValue } from "../../i18n/index.ts";
import { clockTime, dayTime, duration, whole } from "../../lib/format.ts";
import type { Series } from "./series.ts";

interface ChartTipProps {
  readonly histogram: Histogram;
  readonly series: readonly Series[];
  readonly place: number;
  readonly x: number;
  readonly width: number;
}

/** What one bar stands for; it keeps to the side of the bar that has room. */
export function ChartTip({ histogram, series, place, x, width }: ChartTipProps) {
  const item = histogram.items[place]!;
  const side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  const seconds = histogram.intervalSeconds;
  return (
    <div class="tip" style={side} role="presentation">
      <p>
        {seconds < 1 ? clockTime(item.time) : dayTime(item.time)}{" "}
        <span class="muted">+ {duration(seconds)}</span>
      </p>
      <dl>
        {series.toReversed().map(({ name, counts }) =>
          counts[place] ? (
            <div key={name}>
              <dt>
                <i class={`swatch swatch-${name}`} /> {tValue("severity", name === "none" ? "" : name)}
              </dt>
              <dd>{whole(counts[place]!)}</dd>
            </div>
          ) : null,
        )}
        <div class="tip-total">
          <dt>Σ</dt>
          <dd>{whole(item.count)}</dd>
        </div>
      </dl>
    </div>
  );
}
