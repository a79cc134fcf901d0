import { z } from "zod";

const channel = z.string().min(1).max(100);
const person = z.string().min(1).max(100);

/** How questions may be answered from one channel. */
const channelAnswers = z.strictObject({
  person: person
    .optional()
    .describe(
      "Whose channel it is: a mailbox or chat that only this person reads. Questions come with a link that answers once, without a key, in this person's name. Never set it for a channel that several read.",
    ),
  secret: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Name of the secret that answers of this channel are signed with, sent to `/hooks/answers/<channel>`: the signing secret of the Slack app, or the key of a program of yours.",
    ),
  people: z
    .array(person)
    .max(1_000)
    .default([])
    .describe(
      "Ids of those whose signed answers count, such as `U024BE7LH` of Slack. Empty: of all whom the other side lets answer.",
    ),
});
export type ChannelAnswers = z.infer<typeof channelAnswers>;

/** `collector.respond.questions`: who is told of questions and approvals, and from where they can be answered. */
export const questionsConfig = z.strictObject({
  channels: z
    .array(channel)
    .max(50)
    .default([])
    .describe("Channels (names of connections) that are told of every question and approval."),
  answers: z
    .record(channel, channelAnswers)
    .default({})
    .describe(
      "Channels from which questions can be answered, by name. Elsewhere they are answered on the page and over the API, with a key.",
    ),
});
