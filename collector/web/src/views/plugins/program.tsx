import type { ProgramItem } from "../../api/plugin-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { bytes, duration, whole } from "../../lib/format.ts";
import { ConditionBadge } from "../../ui/condition.tsx";
import { DetailPane } from "../../ui/list-detail.tsx";
import { type Fact, Facts } from "./facts.tsx";

/** The id of a program in the address; ids of other plugins have no slash. */
export const programId = ({ id }: ProgramItem): string => `program/${id}`;

/** A plugin that is a program of its own: how it does. What it is told stands in the configuration file. */
export function ProgramDetail({ program }: { program: ProgramItem }) {
  const { id, kind, state, message, restarts, calls, errors, dropped, lastError } = program;
  const facts: Fact[] = [
    [t("part.calls"), whole(calls)],
    [t("part.errors"), whole(errors)],
    [t("part.dropped"), whole(dropped)],
    [t("program.restarts"), whole(restarts)],
    [t("program.memory"), program.rssBytes === undefined ? undefined : bytes(program.rssBytes)],
    [t("program.cpu"), program.cpuSeconds === undefined ? undefined : duration(program.cpuSeconds)],
  ];
  return (
    <DetailPane label={id}>
      <div class="detail-body">
        <header>
          <p>
            <ConditionBadge value={state} />
            <span class="muted">{t("program.what")}</span>
          </p>
          <h2>{id}</h2>
          <p>
            <span class="tag">{tValue("programKind", kind)}</span>
          </p>
          <p class={`message message-${state}`} role="status">
            {message}
          </p>
        </header>
        <section>
          <h3>{t("plugins.diagnostics")}</h3>
          <Facts facts={facts} />
        </section>
        {lastError === undefined ? null : (
          <section>
            <h3>{t("program.lastError")}</h3>
            <p class={state === "error" ? "fault wrap" : "muted wrap"}>{lastError}</p>
          </section>
        )}
      </div>
    </DetailPane>
  );
}
