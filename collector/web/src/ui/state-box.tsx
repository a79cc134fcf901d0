import type { ComponentChildren } from "preact";
import type { ApiProblem } from "../api/problem.ts";
import { t } from "../i18n/index.ts";
import { refresh } from "../state/refresh.ts";
import { Icon, type IconName } from "./icon.tsx";

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Nothing is here, why, and what to do about it. */
export const Empty = ({ icon, title, children }: EmptyProps) => (
  <div class="state">
    <Icon name={icon} size={26} />
    <h3>{title}</h3>
    {children}
  </div>
);

/** Something could not be loaded: what, why, and a way to try again. */
export const Failed = ({ problem }: { problem: ApiProblem }) => (
  <div class="state state-failed" role="alert">
    <h3>{problem.status === 0 ? t("error.unreachable") : t("error.title")}</h3>
    <p>{problem.status === 0 ? t("error.unreachableHint") : problem.message}</p>
    {problem.cure === undefined ? null : <p class="muted">{problem.cure}</p>}
    <button type="button" class="button" onClick={refresh}>
      {t("error.retry")}
    </button>
  </div>
);
