import type { ComponentChildren } from "preact";
import type { Top } from "../api/types.ts";
import { t } from "../i18n/index.ts";
import { percent, short, whole } from "../lib/format.ts";
import { addressOf } from "../state/address.ts";
import { Link } from "./link.tsx";

interface BarListProps {
  readonly top: Top;
  readonly rows: number;
  /** The filter that a click on a value sets, in the events view. */
  readonly field: string;
  readonly label?: (value: string) => ComponentChildren;
}

/** Values with bars as long as their counts; each leads to its events. Its height does not depend on the data. */
export function BarList({ top, rows, field, label = (value) => value }: BarListProps) {
  const most = top.items[0]?.count ?? 1;
  const rest = [
    ...(top.others > 0 ? [t("overview.others", { x: short(top.others) })] : []),
    ...(top.missing > 0 ? [t("overview.missing", { x: short(top.missing) })] : []),
  ];
  return (
    <>
      <ol class="bars" style={{ "--rows": rows }}>
        {top.items.slice(0, rows).map(({ value, count }) => (
          <li key={value}>
            <Link
              href={addressOf({ view: "events", filter: [`${field}:eq:${value}`] })}
              title={`${value} · ${whole(count)} · ${percent(count / Math.max(1, top.total))}`}
            >
              <span
                class="bar"
                style={{ width: `${Math.max(1, (count / most) * 100)}%` }}
                aria-hidden="true"
              />
              <span class="bar-label">{label(value)}</span>
              <span class="bar-count">{short(count)}</span>
            </Link>
          </li>
        ))}
      </ol>
      <p class="panel-foot">{rest.join(" · ") || "\u00a0"}</p>
    </>
  );
}
