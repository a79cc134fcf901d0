import { credential, defineChannel, defineConnection, type PieceStyle } from "@vedette/sdk";
import { z } from "zod";
import {
  ask,
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
  server: safeAddress.describe("The homeserver, such as https://matrix.example.org."),
  user: credential.token({ title: "Access token", help: "Of the user that writes; it must be in the room." }),
  room: z
    .string()
    .max(255)
    .regex(/^![^\s/]+$/, "Expected the id of a room, which begins with !")
    .describe("Id of the room, such as !abc:example.org."),
  authority: ownAuthority,
});
type Settings = z.infer<typeof settings>;

const base = ({ server }: Settings): string => `${server.replace(/\/+$/, "")}/_matrix/client/v3`;
const access = ({ user, authority }: Settings) => ({
  ...{ headers: { authorization: `Bearer ${user.token}` }, authority },
});

export const connection = defineConnection({
  title: "Room of Matrix",
  settings,
  async test(to, deps) {
    const joined = objectOf(await ask(`${base(to)}/joined_rooms`, { ...access(to), method: "GET" }, deps));
    const rooms = joined?.["joined_rooms"];
    if (!Array.isArray(rooms)) throw undelivered("It is no Matrix server that answers");
    if (rooms.includes(to.room)) return { status: "healthy", message: "The user is in the room." };
    return { status: "error", message: "The token is good, but its user is not in the room: invite it." };
  },
});

/** The HTML form: values are code. */
const html: PieceStyle = {
  text: htmlEscaped,
  value: (value) => (value === "" ? "" : `<code>${htmlEscaped(defanged(value))}</code>`),
};

export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const plain = noticeText(notice);
    const rich = noticeText(notice, html);
    const link = notice.link === undefined ? [] : [notice.link];
    const content = {
      msgtype: "m.text",
      body: fitting([plain.title, ...plain.lines, ...link], 16_000).join("\n"),
      format: "org.matrix.custom.html",
      formatted_body: fitting(
        [`<strong>${rich.title}</strong>`, ...rich.lines, ...link.map(htmlEscaped)],
        24_000,
      ).join("<br/>"),
      // Said to mention nobody, so that no name in the text does (Matrix 1.7, m.mentions).
      "m.mentions": {},
    };
    const url = `${base(to)}/rooms/${encodeURIComponent(to.room)}/send/m.room.message/${encodeURIComponent(notice.id)}`;
    const id = objectOf(await askJson(url, content, deps, { ...access(to), method: "PUT" }))?.["event_id"];
    if (typeof id !== "string") throw undelivered("It is no Matrix server that answers");
    return id;
  },
});
