import { type Notice, plainValue } from "@vedette/sdk";
import type { ChannelAnswers } from "../../config/index.ts";
import type { ControlDatabase } from "../../control/index.ts";
import { makeToken } from "../answers/tokens.ts";
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
  /** What is said besides the question. */
  readonly message?: string | undefined;
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
  /** From which channels it can be answered, and how. */
  readonly answers?: Readonly<Record<string, ChannelAnswers>>;
}

/**
 * Puts a notice of each question into the outbox, once for each channel. A name that is no channel is a dead letter there,
 * with the reason.
 */
export const tellOfQuestions =
  ({ channels, maxWaiting, pageUrl, answers = {} }: TellOptions): TellOfQuestion =>
  async (transaction, question, now) => {
    const to = [...new Set([...question.channels, ...channels])];
    const notice = noticeOf(question, now, pageUrl);
    const deliveries = [];
    for (const channel of to) {
      const id = noticeId("question", question.job, question.step, channel);
      const how = Object.hasOwn(answers, channel) ? answers[channel] : undefined;
      const more = how && (await waysToAnswer(transaction, { question, channel, how, pageUrl }));
      deliveries.push({ id, channel, rule: "", notice: { ...notice, ...more, id } });
    }
    await post(transaction, deliveries, now, maxWaiting);
  };

interface Way {
  readonly question: AskedQuestion;
  readonly channel: string;
  readonly how: ChannelAnswers;
  readonly pageUrl: string | undefined;
}

/** The link that answers in a person's name, and what a channel that signs answers needs for its buttons. */
async function waysToAnswer(
  transaction: ControlDatabase,
  { question, channel, how, pageUrl }: Way,
): Promise<Pick<Notice, "link" | "choices">> {
  const { job, step, expiresAt } = question;
  const tokenFor = (answer: string | undefined) =>
    makeToken(transaction, { job, step, channel, answer, expiresAt });
  const choices = [];
  if (how.secret !== undefined)
    for (const answer of question.options) choices.push({ answer, token: await tokenFor(answer) });
  return {
    // Behind the mark, so that no server and no log on the way sees it.
    ...(how.person !== undefined &&
      pageUrl !== undefined && {
        link: `${pageUrl.replace(/\/+$/, "")}/answer#${await tokenFor(undefined)}`,
      }),
    ...(choices.length > 0 && { choices }),
  };
}

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
      ...(question.message ? [[value(question.message)]] : []),
      [`Until: ${new Date(expiresAt).toISOString()}`],
      [`Job: ${job}`],
    ],
    ...(pageUrl === undefined ? {} : { link: `${pageUrl.replace(/\/+$/, "")}/jobs?id=${job}` }),
  };
}
