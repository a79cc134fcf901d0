import type { AnyChannel, ConnectionType } from "@vedette/sdk";
import { channel as discord, connection as discordKind } from "../../discord/channel.ts";
import { channel as matrix, connection as matrixKind } from "../../matrix/channel.ts";
import { channel as ntfy, connection as ntfyKind } from "../../ntfy/channel.ts";
import { channel as slack, connection as slackKind } from "../../slack/channel.ts";
import { channel as teams, connection as teamsKind } from "../../teams/channel.ts";
import { channel as telegram, connection as telegramKind } from "../../telegram/channel.ts";
import { channel as webhook, connection as webhookKind } from "../../webhook/channel.ts";

/** A channel over HTTP, its settings for a server on loopback, and how its vendor says yes. */
export interface Vendor {
  readonly name: string;
  readonly channel: AnyChannel;
  // biome-ignore lint/suspicious/noExplicitAny: any kind of settings.
  readonly kind: ConnectionType<any, any>;
  settings(base: string): object;
  /** Method and path of a notice. */
  readonly request: RegExp;
  readonly yes: { readonly status: number; readonly body: string };
  /** Another page that answers 200 in its place is found out. */
  readonly knowsItself: boolean;
}

/** The shapes are those of the vendors' documented APIs. */
export const vendors: readonly Vendor[] = [
  {
    ...{ name: "webhook", channel: webhook, kind: webhookKind, request: /^POST \/hook$/, knowsItself: false },
    settings: (base) => ({ url: `${base}/hook`, signing: { secretKey: "0123456789abcdef" } }),
    yes: { status: 204, body: "" },
  },
  {
    ...{ name: "slack", channel: slack, kind: slackKind, request: /^POST \/services\/T0\/B0\/x$/ },
    settings: (base) => ({ webhook: `${base}/services/T0/B0/x` }),
    ...{ yes: { status: 200, body: "ok" }, knowsItself: true },
  },
  {
    ...{ name: "discord", channel: discord, kind: discordKind },
    settings: (base) => ({ webhook: `${base}/api/webhooks/1/x` }),
    request: /^POST \/api\/webhooks\/1\/x\?wait=true$/,
    ...{ yes: { status: 200, body: '{"id":"77","type":0}' }, knowsItself: true },
  },
  {
    ...{
      name: "teams",
      channel: teams,
      kind: teamsKind,
      request: /^POST \/workflows\/1$/,
      knowsItself: true,
    },
    settings: (base) => ({ workflow: `${base}/workflows/1` }),
    yes: { status: 202, body: "" },
  },
  {
    ...{ name: "telegram", channel: telegram, kind: telegramKind, knowsItself: true },
    settings: (base) => ({ bot: "1:abcdefghijkl", chat: "-100", server: base }),
    request: /^POST \/bot1:abcdefghijkl\/sendMessage$/,
    yes: { status: 200, body: '{"ok":true,"result":{"message_id":5}}' },
  },
  {
    ...{ name: "matrix", channel: matrix, kind: matrixKind, knowsItself: true },
    settings: (base) => ({ server: base, user: { token: "syt_x" }, room: "!a:example.org" }),
    request: /^PUT \/_matrix\/client\/v3\/rooms\/!a%3Aexample\.org\/send\/m\.room\.message\/n-1$/,
    yes: { status: 200, body: '{"event_id":"$e"}' },
  },
  {
    ...{ name: "ntfy", channel: ntfy, kind: ntfyKind, request: /^POST \/$/, knowsItself: true },
    settings: (base) => ({ server: base, topic: "vedette", access: { token: "tk_x" } }),
    yes: { status: 200, body: '{"id":"m1","event":"message"}' },
  },
];
