import { defineChannel, defineConnection, type Notice, type Severity } from "@vedette/sdk";
import { z } from "zod";
import { askJson, fitting, noticeText, secretAddress, undelivered } from "../_channel/parts.ts";

const settings = z.strictObject({
  workflow: secretAddress(
    "Workflow URL",
    'Of the workflow "Post to a channel when a webhook request is received", or of an incoming webhook.',
  ),
});
type Settings = z.infer<typeof settings>;

/** A workflow answers nothing that proves it but a message. */
export const connection = defineConnection({
  title: "Workflow of Microsoft Teams",
  description: "Cannot be tested without showing something: send a test notification over it.",
  settings,
});

const tone: Readonly<Record<Severity, string>> = {
  ...{ info: "default", low: "accent", medium: "warning", high: "attention", critical: "attention" },
};

/** Text runs know no markup, other than text blocks; so do no links come to be. */
const run = (text: string, more: object = {}) => ({
  type: "RichTextBlock",
  inlines: [{ type: "TextRun", text, ...more }],
});

function cardOf(notice: Notice): object {
  const { title, lines, link } = noticeText(notice);
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    ...{ type: "AdaptiveCard", version: "1.4" },
    body: [
      run(title.slice(0, 500) || "Vedette", {
        weight: "bolder",
        size: "medium",
        color: tone[notice.severity],
      }),
      ...fitting(lines, 12_000).map((line) => run(line === "" ? " " : line)),
    ],
    ...(link === undefined ? {} : { actions: [{ type: "Action.OpenUrl", title: "Vedette", url: link }] }),
  };
}

export const channel = defineChannel<Settings>({
  async send(notice, { workflow }, deps) {
    const attachment = { contentType: "application/vnd.microsoft.card.adaptive", content: cardOf(notice) };
    const answer = await askJson(workflow, { type: "message", attachments: [attachment] }, deps);
    // Old webhooks answer 200 and tell their failures in words; a page of some proxy is none of them.
    if (/^\s*</.test(answer.text) || /error|failed/i.test(answer.text.slice(0, 200)))
      throw undelivered("Microsoft Teams answered something else than a yes");
    return `answered ${answer.status}`;
  },
});
