import type { Stats } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { ago, duration, short, whole } from "../../lib/format.ts";

type Tone = "good" | "warn" | "bad";

const Line = ({ tone, name, detail }: { tone: Tone; name: string; detail: string }) => (
  <li>
    <i class={`dot dot-${tone}`} aria-hidden="true" />
    <span class="health-name">{name}</span>
    <span class="muted">{detail}</span>
  </li>
);

const shownAgents = 6;

/** The engine, the enrichment databases and the agents, each with how it fares. */
export function HealthList({ stats }: { stats: Stats }) {
  const { engine, agents, databases, now, startedAt, version } = stats;
  const at = Date.parse(now);
  const restarts = engine.restarts ? ` · ${t("overview.restarts", { x: whole(engine.restarts) })}` : "";
  const bySilence = [...agents].sort((a, b) => Number(a.connected) - Number(b.connected));
  return (
    <ul class="health">
      <Line
        tone={engine.state === "running" ? "good" : engine.state === "starting" ? "warn" : "bad"}
        name={t("overview.engine")}
        detail={`${tValue("engine", engine.state)} · ${tValue("engine", engine.kind)}${restarts}`}
      />
      <Line
        tone="good"
        name={`Vedette ${version}`}
        detail={`${t("overview.started")} ${duration((at - Date.parse(startedAt)) / 1000)}`}
      />
      {databases.map((database) => (
        <Line
          key={database.name}
          tone={database.problem !== undefined || database.stale ? "warn" : "good"}
          name={t("overview.database", { x: database.name })}
          detail={
            database.problem ??
            [
              ...(database.ageDays === undefined ? [] : [t("overview.age", { x: whole(database.ageDays) })]),
              ...(database.stale ? [t("overview.stale")] : []),
            ].join(" · ")
          }
        />
      ))}
      {bySilence.slice(0, shownAgents).map((agent) => (
        <Line
          key={agent.agentId}
          tone={agent.connected ? "good" : "warn"}
          name={agent.host || agent.agentId}
          detail={
            agent.connected
              ? `${t("agent.connected")} · ${tCount("agent.events", agent.events, short(agent.events))}`
              : t("agent.silent", { x: ago(agent.lastSeen, at) })
          }
        />
      ))}
    </ul>
  );
}
