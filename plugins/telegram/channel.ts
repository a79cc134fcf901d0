import {
  type ConnectionDeps,
  credential,
  defineChannel,
  defineConnection,
  type PieceStyle,
} from "@vedette/sdk";
import { z } from "zod";
import {
  askJson,
  defanged,
  fitting,
  htmlEscaped,
  noticeText,
  objectOf,
  ownAuthority,
  safeAddress,
  undelivered,
} from "../_channel/parts.ts";

const settings = z.strictObject({
  bot: credential
    .password({ title: "Token of the bot", help: "From @BotFather." })
    .regex(/^\d{1,20}:[\w-]{10,200}$/, "Expected a token such as 123456:ABC…"),
  chat: z
    .string()
    .regex(/^(-?\d{1,20}|@\w{3,64})$/, "Expected the number of a chat, or the @name of a channel")
    .describe("Where to: the number of a chat, or the @name of a public channel. The bot must be a member."),
  thread: z.int().min(1).optional().describe("Topic of a group with topics."),
  server: safeAddress.default("https://api.telegram.org").describe("For a Bot API server of your own."),
  authority: ownAuthority,
});
type Settings = z.infer<typeof settings>;

async function call(method: string, value: object, to: Settings, deps: ConnectionDeps) {
  const url = `${to.server.replace(/\/+$/, "")}/bot${to.bot}/${method}`;
  const said = objectOf(await askJson(url, value, deps, { authority: to.authority }));
  if (said?.["ok"] !== true) throw undelivered("It is not Telegram that answers");
  return said["result"] as Record<string, unknown> | undefined;
}

export const connection = defineConnection({
  title: "Bot of Telegram",
  settings,
  async test(to, deps) {
    await call("getChat", { chat_id: to.chat }, to, deps);
    return { status: "healthy", message: "The bot sees the chat." };
  },
});

/** Values are code: Telegram makes no links, mentions or commands of it. */
const style: PieceStyle = {
  text: htmlEscaped,
  value: (value) => (value === "" ? "" : `<code>${htmlEscaped(defanged(value))}</code>`),
};

export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const { title, lines, link } = noticeText(notice, style);
    const all = [`<b>${title}</b>`, ...lines, ...(link === undefined ? [] : [htmlEscaped(link)])];
    const message = await call(
      "sendMessage",
      {
        chat_id: to.chat,
        ...(to.thread !== undefined && { message_thread_id: to.thread }),
        // The bound of 4,096 counts what is left of the markup; this is on the safe side.
        ...{ text: fitting(all, 4_000).join("\n"), parse_mode: "HTML" },
        link_preview_options: { is_disabled: true },
        disable_notification: notice.severity === "info",
      },
      to,
      deps,
    );
    return String(message?.["message_id"] ?? "");
  },
});
