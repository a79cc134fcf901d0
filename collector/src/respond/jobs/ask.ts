import type { Value } from "../expression/index.ts";
import { textOf } from "../template/index.ts";
import type { StepBody, Target } from "../workflow/index.ts";
import type { Followed, Job, StepRun } from "./job.ts";
import { StepFailed, Suspended } from "./outcomes.ts";
import { taken } from "./plain.ts";

type Ask = Extract<StepBody, { kind: "ask" }>;

/** Asks a person and waits, for an approval too. Silence is what the step says of it; for an approval it is no. */
export async function askStep(job: Job, run: StepRun, body: Ask): Promise<Followed> {
  const { step, key, values } = run;
  const { journal, clock } = job.deps;
  const entry = journal.get(key);
  const answered = entry?.state === "done" ? (entry.output as Record<string, Value>) : undefined;
  const follow = async (answer: string | undefined, target: Target, more: Record<string, Value>) => {
    const approved = body.approval ? { approved: answer === "approve" } : {};
    const output = { answer: answer ?? null, path: answer ?? "timeout", ...approved, ...more };
    await job.done(run, { state: "done", output: answered ?? output }, target);
    if (answer !== undefined) taken(run, answer);
    return { to: target };
  };
  const option = (answer: Value | undefined) => body.options.find(({ name }) => name === answer);
  if (answered) {
    const chosen = option(answered["answer"]);
    return follow(chosen?.name, answered["timedOut"] === true ? body.silence?.target : chosen?.target, {});
  }
  if (job.subject.dry) {
    const [first] = body.options;
    const chosen = option(body.silence?.answer) ?? first!;
    return follow(chosen.name, chosen.target, { timedOut: false, responding_user: null, $dryRun: true });
  }
  const asked = await journal.question(key);
  const chosen = option(asked?.answer ?? undefined);
  if (chosen)
    return follow(chosen.name, chosen.target, {
      timedOut: false,
      responding_user: asked?.answered_by ?? null,
    });
  const now = clock.now();
  const expiresAt = asked ? Number(asked.expires_at) : now + body.timeoutMs;
  if (!asked) {
    const question = textOf(body.question.fill(values.lookup));
    const chat = body.chat?.fill(values.lookup);
    const asking = {
      ...{ job: job.subject.id, step: key, workflow: run.workflow.name, question, expiresAt },
      ...{ options: body.options.map(({ name }) => name), ...toldIn(chat, body.notify) },
    };
    await journal.write(
      {
        key,
        kind: "ask",
        state: "waiting",
        wakeAt: expiresAt,
        input: { question, notify: [...body.notify], chat: chat ?? null },
      },
      {
        also: async (transaction) => {
          await transaction
            .insertInto("job_questions")
            .values({
              ...{ job_id: job.subject.id, step: key, question: question.slice(0, 65_536) },
              ...{ options: JSON.stringify(body.options.map(({ name }) => name)) },
              ...{ asked_at: now, expires_at: expiresAt, answer: null, answered_by: null, answered_at: null },
            })
            .execute();
          await job.deps.tell?.(transaction, asking, now);
        },
      },
    );
  }
  if (now < expiresAt) throw new Suspended(expiresAt);
  if (!body.silence) throw new StepFailed(`Nobody answered ${JSON.stringify(step.id)} in time.`);
  return follow(body.silence.answer, body.silence.target, { timedOut: true, responding_user: null });
}

/** Who is told of a question: those that the step names, and the channel of its chat, with the message for it. */
function toldIn(chat: Value | undefined, notify: readonly string[]) {
  const { recipient, message } =
    typeof chat === "object" && chat !== null && !Array.isArray(chat)
      ? (chat as Readonly<Record<string, Value>>)
      : {};
  const to = typeof recipient === "string" && recipient !== "" ? [recipient.slice(0, 320)] : [];
  return {
    channels: [...notify, ...to],
    ...(typeof message === "string" && message !== "" && { message }),
  };
}
