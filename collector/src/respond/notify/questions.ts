import { type Notice, plainValue } from "@vedette/sdk";
import type { ControlDatabase } from "../../control/index.ts";
import { noticeId } from "./compose.ts";
import { post } from "./outbox.ts";

/** A question of a job, as people are told of it. */
export interface AskedQuestion {
  readonly job: string;
  /** Where in the job it is asked. */
  readonly step: string;
  /** Name of the workflow. */
  readonly workflow: string;
  readonly question: string;
  readonly options: readonly string[];
  /** When silence decides; milliseconds since 1970. */
  readonly expiresAt: number;
  /** Channels that the step names. */
  readonly channels: readonly string[];
}

/** Tells people of a question, in the transaction that asks it: both are there, or neither. */
export type TellOfQuestion = (
  transaction: ControlDatabase,
  question: AskedQuestion,
  now: number,
) => Promise<void>;

interface TellOptions {
  /** Channels that are told of every question. */
  readonly channels: readonly string[];
  readonly maxWaiting: number;
  readonly pageUrl?: string | undefined;
}

/**
 * Puts a notice of each question into the outbox, once for each channel. A name that is no channel is a dead letter there,
 * with the reason.
 */
export const tellOfQuestions =
  ({ channels, maxWaiting, pageUrl }: TellOptions): TellOfQuestion =>
  async (transaction, question, now) => {
    const to = [...new Set([...question.channels, ...channels])];
    const notice = noticeOf(question, now, pageUrl);
    const deliveries = to.map((channel) => {
      const id = noticeId("question", question.job, question.step, channel);
      return { id, channel, rule: "", notice: { ...notice, id } };
    });
    await post(transaction, deliveries, now, maxWaiting);
  };

function noticeOf(question: AskedQuestion, now: number, pageUrl: string | undefined): Omit<Notice, "id"> {
  const { job, workflow, options, expiresAt } = question;
  const value = (text: string) => ({ value: plainValue(text) });
  const choices = options.flatMap((name, index) => (index === 0 ? [value(name)] : [", ", value(name)]));
  return {
    ...{ at: new Date(now).toISOString(), severity: "info", about: "question", count: 1 },
    title: ["Answer needed: ", value(question.question)],
    lines: [
      ["Workflow: ", value(workflow)],
      ["Answers: ", ...choices],
      [`Until: ${new Date(expiresAt).toISOString()}`],
      [`Job: ${job}`],
    ],
    ...(pageUrl === undefined ? {} : { link: `${pageUrl.replace(/\/+$/, "")}/jobs?id=${job}` }),
  };
}
