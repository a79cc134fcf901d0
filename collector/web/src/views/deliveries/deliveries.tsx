import { useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import type { ApiProblem } from "../../api/problem.ts";
import { type Channel, type Delivery, deliveryStates } from "../../api/response-types.ts";
import type { List } from "../../api/types.ts";
import { t, tCount, tValue } from "../../i18n/index.ts";
import { clockTime, dayTime } from "../../lib/format.ts";
import { useQuery } from "../../lib/use-query.ts";
import { addressOf, go, statuses } from "../../state/address.ts";
import { refresh } from "../../state/refresh.ts";
import { Answered } from "../../ui/answered.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Link } from "../../ui/link.tsx";
import { Outcome } from "../../ui/outcome.tsx";
import { SeverityBadge } from "../../ui/severity.tsx";
import { Empty } from "../../ui/state-box.tsx";
import { TestButton } from "../../ui/test-button.tsx";
import { type Tone, ToneBadge } from "../../ui/tone-badge.tsx";
import { ResponseTabs } from "../response/response-tabs.tsx";

const tones: Readonly<Record<Delivery["state"], Tone>> = {
  ...{ waiting: "warn", sending: "warn", sent: "good", dead: "bad" },
};

/** Who was told of what and how it ended, and a test of each channel. */
export function Deliveries() {
  const [state] = statuses.value;
  const params = new URLSearchParams({ limit: "200", ...(state === undefined ? {} : { state }) });
  const answer = useQuery<List<Delivery>>(`/notifications/deliveries?${params.toString()}`, {
    every: 5_000,
  });
  const [refused, setRefused] = useState<ApiProblem>();
  return (
    <section class="panel panel-wide" aria-busy={answer.loading}>
      <h1 class="visually-hidden">{t("nav.deliveries")}</h1>
      <div class="choices choices-spread">
        <ResponseTabs />
      </div>
      <Channels onProblem={setRefused} />
      <Outcome problem={refused} onKey={() => setRefused(undefined)} />
      <div class="choices">
        <Choices
          label={t("deliveries.state")}
          values={deliveryStates}
          chosen={state === undefined ? [] : [state]}
          name={(value) => tValue("delivery", value)}
          onChoose={(chosen) => go({ status: chosen.slice(-1) })}
        />
      </div>
      <Answered answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="pulse" title={t("deliveries.none")}>
              <p>{t("deliveries.noneHint")}</p>
            </Empty>
          ) : (
            <ul class="controls">
              {items.map((item) => (
                <Row key={item.id} item={item} onProblem={setRefused} />
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

type OnProblem = (problem: ApiProblem | undefined) => void;

function Channels({ onProblem }: { onProblem: OnProblem }) {
  const { data } = useQuery<List<Channel>>("/notifications/channels", { every: 15_000 });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <div class="delivery-channels">
      <h2>{t("deliveries.channels")}</h2>
      <ul>
        {data.items.map(({ name, plugin }) => (
          <li key={name}>
            <Link href={addressOf({ view: "connections", id: name })}>{name}</Link>
            <span class="muted">{plugin}</span>
            <TestButton
              label={t("deliveries.test")}
              request={() => ({ path: `/notifications/channels/${encodeURIComponent(name)}/test` })}
              onEnd={onProblem}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Row({ item, onProblem }: { item: Delivery; onProblem: OnProblem }) {
  const again = async (): Promise<void> => {
    try {
      await send(`/notifications/deliveries/${encodeURIComponent(item.id)}/retry`, { method: "POST" });
      onProblem(undefined);
      refresh();
    } catch (problem) {
      onProblem(problem as ApiProblem);
    }
  };
  return (
    <li class="control">
      <p class="job-step-first">
        <ToneBadge tone={tones[item.state] ?? "off"} text={tValue("delivery", item.state)} />
        <SeverityBadge value={item.severity} />
        <b>{item.title}</b>
        <time class="muted" dateTime={item.createdAt}>
          {dayTime(item.createdAt)}
        </time>
      </p>
      <p class="muted">
        {[item.channel, item.rule, tCount("deliveries.tries", item.attempts, String(item.attempts))]
          .filter(Boolean)
          .join(" · ")}
        {item.uncertain ? ` · ${t("deliveries.uncertain")}` : ""}
        {item.dueAt === undefined ? "" : ` · ${t("deliveries.due", { x: clockTime(item.dueAt) })}`}
      </p>
      {item.outcome === undefined ? null : (
        <p class={item.state === "dead" ? "case-problem" : "muted"}>{item.outcome}</p>
      )}
      {item.state === "dead" ? (
        <button type="button" class="button button-small" onClick={() => void again()}>
          {t("deliveries.retry")}
        </button>
      ) : null}
    </li>
  );
}
