import type { ComponentChildren } from "preact";
import type { TextName } from "../../i18n/index.ts";
import { t } from "../../i18n/index.ts";
import type { Answer } from "../../lib/use-query.ts";
import { Answered } from "../../ui/answered.tsx";
import { AlertTabs } from "./alert-tabs.tsx";

interface AlertPanelProps<T> {
  readonly title: TextName;
  readonly answer: Answer<T>;
  /** Beside the tabs. */
  readonly tools?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** A view of what concerns alerts that is one list: with tabs above it, while it loads, and where it could not be loaded. */
export const AlertPanel = <T,>({ title, answer, tools, children }: AlertPanelProps<T>) => (
  <section class="panel panel-wide" aria-busy={answer.loading}>
    <h1 class="visually-hidden">{t(title)}</h1>
    <div class="choices choices-spread">
      <AlertTabs />
      {tools}
    </div>
    <Answered answer={answer}>{children}</Answered>
  </section>
);

/** Names with values, in a line. */
export const Figures = ({ figures }: { figures: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="score-figures">
    {figures.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
