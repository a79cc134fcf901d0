import { useRef, useState } from "preact/hooks";
import type { Histogram } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { axisTime, dayTime, short, whole } from "../../lib/format.ts";
import { useWidth } from "../../lib/use-width.ts";
import { ChartTip } from "./chart-tip.tsx";
import { labelPlaces, niceTop } from "./scale.ts";
import { type Series, seriesOf } from "./series.ts";

interface StackedBarsProps {
  readonly histogram: Histogram;
  readonly height: number;
  /** Called with the range that was drawn with the pointer. */
  readonly onZoom: (from: string, to: string) => void;
}

const left = 44;
const bottom = 20;
const top = 6;

/** Events over time, stacked by severity. Dragging over it zooms in. */
export function StackedBars({ histogram, height, onZoom }: StackedBarsProps) {
  const [frame, width] = useWidth();
  const [over, setOver] = useState<number>();
  const [brush, setBrush] = useState<{ start: number; end: number }>();
  const dragging = useRef(false);
  const { items, intervalSeconds } = histogram;
  const series = seriesOf(histogram);
  const inner = Math.max(1, width - left - 4);
  const step = inner / Math.max(1, items.length);
  const highest = niceTop(Math.max(0, ...items.map((item) => item.count)));
  const y = (count: number) => top + (height - top - bottom) * (1 - count / highest);

  const placeOf = (event: PointerEvent): number => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    const place = Math.floor((event.clientX - box.left - left) / step);
    return Math.min(items.length - 1, Math.max(0, place));
  };
  const finish = () => {
    dragging.current = false;
    setBrush(undefined);
    if (!brush) return;
    const [start, end] = [Math.min(brush.start, brush.end), Math.max(brush.start, brush.end)];
    const after = new Date(Date.parse(items[end]!.time) + intervalSeconds * 1000).toISOString();
    if (items.length > 1) onZoom(items[start]!.time, after);
  };
  const total = items.reduce((sum, item) => sum + item.count, 0);
  const label = t("chart.label", {
    x: whole(total),
    from: dayTime(histogram.from),
    to: dayTime(histogram.to),
  });

  return (
    <div class="chart" ref={frame} style={{ height: `${height}px` }}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={label}
        onPointerMove={(event) => {
          const place = placeOf(event);
          setOver(place);
          if (dragging.current) setBrush((before) => ({ start: before?.start ?? place, end: place }));
        }}
        onPointerLeave={() => setOver(undefined)}
        onPointerDown={(event) => {
          if (event.button !== 0 || items.length === 0) return;
          (event.currentTarget as SVGElement).setPointerCapture(event.pointerId);
          dragging.current = true;
          setBrush({ start: placeOf(event), end: placeOf(event) });
        }}
        onPointerUp={finish}
        onPointerCancel={() => {
          dragging.current = false;
          setBrush(undefined);
        }}
      >
        {[0.5, 1].map((part) => (
          <g key={part} class="grid">
            <line x1={left} x2={width} y1={y(highest * part)} y2={y(highest * part)} />
            <text x={left - 6} y={y(highest * part) + 4} text-anchor="end">
              {short(highest * part)}
            </text>
          </g>
        ))}
        <line class="base" x1={left} x2={width} y1={y(0)} y2={y(0)} />
        {over === undefined || brush ? null : (
          <rect class="hover" x={left + over * step} y={top} width={step} height={height - top - bottom} />
        )}
        <Stacks series={series} step={step} y={y} />
        {brush ? (
          <rect
            class="brush"
            x={left + Math.min(brush.start, brush.end) * step}
            width={(Math.abs(brush.end - brush.start) + 1) * step}
            y={top}
            height={height - top - bottom}
          />
        ) : null}
        {labelPlaces(items.length, Math.max(2, Math.floor(inner / 92))).map((place) =>
          left + place * step > width - 48 ? null : (
            <text key={place} class="tick" x={left + place * step} y={height - 5}>
              {axisTime(Date.parse(items[place]!.time), intervalSeconds)}
            </text>
          ),
        )}
      </svg>
      {over === undefined || !items[over] ? null : (
        <ChartTip
          histogram={histogram}
          series={series}
          place={over}
          x={left + (over + 0.5) * step}
          width={width}
        />
      )}
    </div>
  );
}

interface StacksProps {
  readonly series: readonly Series[];
  readonly step: number;
  readonly y: (count: number) => number;
}

/** One path a series rather than a rectangle a value: ninety bars in six colours stay cheap to draw. */
function Stacks({ series, step, y }: StacksProps) {
  const below: number[] = [];
  const gap = step > 5 ? 1 : step > 2.5 ? 0.5 : 0;
  return (
    <>
      {series.map(({ name, counts }) => {
        const path = counts
          .map((count, place) => {
            const base = below[place] ?? 0;
            below[place] = base + count;
            if (count === 0) return "";
            const x = (left + place * step + gap / 2).toFixed(2);
            return `M${x} ${y(base).toFixed(2)}h${Math.max(0.5, step - gap).toFixed(2)}V${y(base + count).toFixed(2)}h-${Math.max(0.5, step - gap).toFixed(2)}Z`;
          })
          .join("");
        return <path key={name} class={`fill-${name}`} d={path} />;
      })}
    </>
  );
}
