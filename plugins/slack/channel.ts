import { defineChannel, defineConnection, type Notice } from "@vedette/sdk";
import { z } from "zod";
import {
  answerOf,
  askJson,
  colours,
  defanged,
  fitting,
  noticeText,
  secretAddress,
  undelivered,
} from "../_channel/parts.ts";

const settings = z.strictObject({
  webhook: secretAddress(
    "Webhook URL",
    "https://hooks.slack.com/services/…, made in the settings of a Slack app.",
  ),
});
type Settings = z.infer<typeof settings>;

export const connection = defineConnection({
  title: "Incoming webhook of Slack",
  settings,
  // An empty message is refused in another way than an unknown webhook, and shows nothing.
  async test({ webhook }, deps) {
    const { status, text } = await answerOf(webhook, { body: "{}" }, deps);
    if (status === 400 && /no_text|invalid_payload|missing_text/.test(text))
      return { status: "healthy", message: "Slack knows the webhook." };
    return { status: "error", message: `Slack answered ${status}: ${text.slice(0, 100)}` };
  },
});

/** Outside of blocks Slack reads markup, so its three signs are written as it asks. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const plain = (text: string) => ({ type: "plain_text", text, emoji: false });

/** Buttons for the answers to a question: Slack tells the request URL of the app who pressed which. */
const buttons = ({ choices = [] }: Notice): object[] =>
  choices.length === 0
    ? []
    : [
        {
          type: "actions",
          elements: choices.slice(0, 25).map(({ answer, token }, at) => ({
            ...{ type: "button", action_id: `answer-${at}`, value: token },
            text: plain(answer.slice(0, 75)),
          })),
        },
      ];

/** Blocks of plain text: Slack looks for neither markup nor mentions in them. */
export const channel = defineChannel<Settings>({
  async send(notice, { webhook }, deps) {
    const { title, lines, link } = noticeText(notice);
    const head = title.slice(0, 150);
    const body = fitting([...lines, ...(link === undefined ? [] : [link])], 2_900).join("\n");
    const blocks = [
      { type: "header", text: plain(head || "Vedette") },
      ...(body === "" ? [] : [{ type: "section", text: plain(body) }]),
      ...buttons(notice),
    ];
    const answer = await askJson(
      webhook,
      {
        text: escaped(defanged(head)),
        ...{ mrkdwn: false, unfurl_links: false, unfurl_media: false },
        attachments: [{ color: `#${colours[notice.severity].toString(16).padStart(6, "0")}`, blocks }],
      },
      deps,
    );
    // A page of some proxy also answers 200.
    if (answer.text.trim() !== "ok")
      throw undelivered("Slack did not say ok; something else answered in its place");
    return "ok";
  },
});
