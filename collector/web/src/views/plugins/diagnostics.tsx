import type { PluginComponent } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { ago, duration, fullTime, percent, short, whole } from "../../lib/format.ts";
import { ConditionBadge } from "../../ui/condition.tsx";

/** What became of the calls of each part of a plugin since it was opened. */
export function Diagnostics({ components }: { components: readonly PluginComponent[] }) {
  if (components.length === 0) return <p class="muted">{t("plugins.noParts")}</p>;
  return (
    <div class="table-frame">
      <table class="counters">
        <thead>
          <tr>
            <th scope="col">{t("part.role")}</th>
            <th scope="col" class="number">
              {t("part.calls")}
            </th>
            <th scope="col" class="number">
              {t("part.errors")}
            </th>
            <th scope="col" class="number">
              {t("part.dropped")}
            </th>
            <th scope="col" class="number">
              {t("part.waiting")}
            </th>
            <th scope="col" class="number">
              {t("part.busy")}
            </th>
            <th scope="col" class="number">
              {t("part.lastRun")}
            </th>
          </tr>
        </thead>
        {components.map((part) => (
          <Part key={part.role} part={part} />
        ))}
      </table>
    </div>
  );
}

function Part({ part }: { part: PluginComponent }) {
  const { role, calls, errors, dropped, waiting, busyMs, lastRunAt, lastError, backlog } = part;
  return (
    <tbody data-role={role}>
      <tr>
        <th scope="row">
          {tValue("role", role)}
          <ConditionBadge value={part.status} />
        </th>
        <Count name="part.calls" value={calls} />
        <Count name="part.errors" value={errors} tone="bad" />
        <Count name="part.dropped" value={dropped} tone="warn" />
        <Count name="part.waiting" value={waiting} />
        <td class="number" data-label={t("part.busy")}>
          {duration(busyMs / 1_000)}
        </td>
        <td
          class="number"
          data-label={t("part.lastRun")}
          title={lastRunAt === undefined ? undefined : fullTime(lastRunAt)}
        >
          {lastRunAt === undefined ? "–" : t("part.ago", { x: ago(lastRunAt, Date.now()) })}
        </td>
      </tr>
      {backlog?.more ? (
        <tr>
          <td colSpan={7} class="part-note">
            {t("part.backlog")}
            {backlog.percent === undefined ? "" : ` ${percent(backlog.percent / 100)}`}
          </td>
        </tr>
      ) : null}
      {lastError ? (
        <tr>
          <td colSpan={7} class={part.status === "error" ? "part-note fault" : "part-note muted"}>
            {t("part.lastError", { x: ago(lastError.at, Date.now()) })} {lastError.message}
          </td>
        </tr>
      ) : null}
    </tbody>
  );
}

interface CountProps {
  readonly name: "part.calls" | "part.errors" | "part.dropped" | "part.waiting";
  readonly value: number;
  readonly tone?: "bad" | "warn";
}

/** A number of the table. Its label is shown where the screen is too narrow for columns. */
const Count = ({ name, value, tone }: CountProps) => (
  <td class={value > 0 && tone ? `number tone-${tone}` : "number"} data-label={t(name)} title={whole(value)}>
    {short(value)}
  </td>
);
