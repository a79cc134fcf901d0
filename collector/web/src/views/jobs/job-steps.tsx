import { useState } from "preact/hooks";
import type { JobStep, WholeJob } from "../../api/response-types.ts";
import { t, tValue } from "../../i18n/index.ts";
import { clockTime, fullTime } from "../../lib/format.ts";
import { type Tone, ToneBadge } from "../../ui/tone-badge.tsx";

const tones: Readonly<Record<string, Tone>> = {
  ...{ begun: "warn", done: "good", failed: "bad", waiting: "warn", retry: "warn", uncertain: "bad" },
};

interface StepsProps {
  readonly job: WholeJob;
  readonly act: (what: string, body: object) => Promise<void>;
}

/** The steps of a job in their order, each with what it was given and what came out. */
export function JobSteps({ job, act }: StepsProps) {
  if (job.steps.length === 0) return <p class="muted">{t("jobs.noSteps")}</p>;
  const isOver = job.endedAt !== undefined;
  return (
    <ol class="job-steps">
      {job.steps.map((step) => (
        <li key={step.key}>
          <p class="job-step-first">
            <b>{step.key}</b>
            <span class="muted">{step.kind}</span>
            <ToneBadge tone={tones[step.state] ?? "off"} text={tValue("step", step.state)} />
            {step.attempt > 1 ? (
              <span class="muted">{t("jobs.attempt", { x: String(step.attempt) })}</span>
            ) : null}
            <time class="muted" dateTime={step.startedAt} title={fullTime(step.startedAt)}>
              {clockTime(step.startedAt)}
            </time>
          </p>
          {step.error === undefined ? null : <p class="case-problem">{step.error}</p>}
          {step.note === undefined ? null : <p class="muted">{step.note}</p>}
          <Json name={t("jobs.input")} value={step.input} />
          <Json name={t("jobs.output")} value={step.output} />
          {isOver && (step.state === "failed" || step.state === "uncertain") ? (
            <Again step={step} act={act} />
          ) : null}
        </li>
      ))}
    </ol>
  );
}

const Again = ({ step, act }: { step: JobStep; act: StepsProps["act"] }) => (
  <div class="case-buttons">
    <button type="button" class="button button-small" onClick={() => void act("rerun", { from: step.key })}>
      {t("jobs.fromHere")}
    </button>
    {step.state === "uncertain" ? (
      <button
        type="button"
        class="button button-small"
        onClick={() => void act("rerun", { from: step.key, assumeDone: true })}
      >
        {t("jobs.assume")}
      </button>
    ) : null}
  </div>
);

/** Characters of a value that are drawn; what is longer is cut, and says so. */
const mostShown = 20_000;

/** A value as JSON, drawn only once it is opened. */
export function Json({ name, value }: { name: string; value: unknown }) {
  const [isOpen, setOpen] = useState(false);
  if (value === undefined || value === null) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      {isOpen ? <pre class="job-json">{shown(value)}</pre> : null}
    </details>
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.length > mostShown ? `${text.slice(0, mostShown)}\n… ${text.length}` : text;
}
