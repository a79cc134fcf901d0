import { credential, defineChannel, defineConnection, type Severity } from "@vedette/sdk";
import { z } from "zod";
import {
  ask,
  askJson,
  fitting,
  noticeText,
  objectOf,
  ownAuthority,
  safeAddress,
  undelivered,
} from "../_channel/parts.ts";

const settings = z.strictObject({
  server: safeAddress.default("https://ntfy.sh").describe("The server of ntfy."),
  topic: z
    .string()
    .regex(/^[-\w]{1,64}$/, "Expected 1 to 64 letters, digits, - and _")
    .describe("Name of the topic. On a public server whoever knows it can read it."),
  access: credential.token({ title: "Access token" }).optional(),
  authority: ownAuthority,
});
type Settings = z.infer<typeof settings>;

const base = ({ server }: Settings): string => server.replace(/\/+$/, "");
const accessOf = ({ access, authority }: Settings) => ({
  ...{ headers: access === undefined ? {} : { authorization: `Bearer ${access.token}` }, authority },
});

export const connection = defineConnection({
  title: "Topic of ntfy",
  settings,
  async test(to, deps) {
    const said = objectOf(
      await ask(`${base(to)}/${to.topic}/auth`, { ...accessOf(to), method: "GET" }, deps),
    );
    if (said?.["success"] !== true) throw undelivered("It is no server of ntfy that answers");
    return { status: "healthy", message: "The server lets us use the topic." };
  },
});

const priorities: Readonly<Record<Severity, number>> = { info: 1, low: 2, medium: 3, high: 4, critical: 5 };

/** Plain text: ntfy reads Markdown only where it is asked to. */
export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const { title, lines, link } = noticeText(notice);
    const message = {
      ...{ topic: to.topic, title: title.slice(0, 250), message: fitting(lines, 3_500).join("\n") || title },
      ...{ priority: priorities[notice.severity], tags: [notice.severity] },
      ...(link === undefined ? {} : { click: link }),
    };
    const id = objectOf(await askJson(`${base(to)}/`, message, deps, accessOf(to)))?.["id"];
    if (typeof id !== "string") throw undelivered("It is no server of ntfy that answers");
    return id;
  },
});
