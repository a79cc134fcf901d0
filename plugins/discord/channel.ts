import { defineChannel, defineConnection, type PieceStyle } from "@vedette/sdk";
import { z } from "zod";
import {
  ask,
  askJson,
  colours,
  defanged,
  fitting,
  noticeText,
  objectOf,
  secretAddress,
  undelivered,
} from "../_channel/parts.ts";

const settings = z.strictObject({
  webhook: secretAddress(
    "Webhook URL",
    "https://discord.com/api/webhooks/…, made in the settings of the channel.",
  ),
});
type Settings = z.infer<typeof settings>;

export const connection = defineConnection({
  title: "Webhook of Discord",
  settings,
  async test({ webhook }, deps) {
    const said = objectOf(await ask(webhook, { method: "GET" }, deps));
    if (typeof said?.["id"] !== "string") throw undelivered("It is no webhook of Discord that answers");
    return { status: "healthy", message: "Discord knows the webhook." };
  },
});

/** Signs of Discord's markup, links and mentions, each behind a backslash. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_~|>#\-+.()[\]<@&:!{}]/g, "\\$&");

/** Values are code: nothing in it is markup, a link or a mention. */
const style: PieceStyle = {
  text: escaped,
  value: (value) => (value.trim() === "" ? "" : `\`${defanged(value).replaceAll("`", "ˋ")}\``),
};

/** An embed in which nothing may mention anybody. */
export const channel = defineChannel<Settings>({
  async send(notice, { webhook }, deps) {
    const { title, lines, link } = noticeText(notice, style);
    const to = new URL(webhook);
    // With it Discord answers the message it made, which something else in its place cannot.
    to.searchParams.set("wait", "true");
    // Only the description of an embed shows markup and code; the bounds are Discord's.
    const description = fitting([`**${title}**`, ...lines], 4_000).join("\n");
    const embed = {
      description,
      color: colours[notice.severity],
      timestamp: notice.at,
      ...(link && { url: link }),
    };
    const message = { embeds: [{ title: "Vedette", ...embed }], allowed_mentions: { parse: [] } };
    const id = objectOf(await askJson(to.href, message, deps))?.["id"];
    if (typeof id !== "string") throw undelivered("Discord did not say which message it made");
    return id;
  },
});
