import { hostname } from "node:os";
import {
  type ConnectionDeps,
  defineChannel,
  defineConnection,
  type Notice,
  type Severity,
} from "@vedette/sdk";
import { z } from "zod";
import { failureOf } from "../_channel/answer.ts";
import { connectTo, noticeText, ownAuthority } from "../_channel/parts.ts";

const settings = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,255}$/, "Expected a host name or an address")
    .describe("The receiver."),
  port: z.int().min(1).max(65_535).default(6_514).describe("6514 with TLS; without, often 601 or 514."),
  security: z
    .enum(["tls", "dangerouslyPlain"])
    .default("tls")
    .describe("`dangerouslyPlain` sends over TCP, readable on the way."),
  facility: z.int().min(0).max(23).default(13).describe("Number of the facility; 13 is the log audit."),
  authority: ownAuthority,
});
type Settings = z.infer<typeof settings>;

const levels: Readonly<Record<Severity, number>> = { info: 6, low: 5, medium: 4, high: 3, critical: 2 };

export const connection = defineConnection({
  title: "Receiver of syslog",
  description: "The test connects and sends nothing.",
  settings,
  async test(to, deps) {
    (await connectTo(to, to.security === "tls", deps)).destroy();
    return { status: "healthy", message: "The receiver takes connections." };
  },
});

/** A message of RFC 5424; its data is escaped as 6.3.3 asks, and all of it is one line. */
export function syslogMessage(notice: Notice, facility: number, host: string): string {
  const { title, lines, link } = noticeText(notice, { text: (text) => text, value: (value) => value });
  const data = Object.entries({ id: notice.id, about: notice.about, count: notice.count, link })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${String(value).replaceAll(/["\\\]]/g, "\\$&")}"`);
  const name = host.replaceAll(/[^\x21-\x7e]/g, "-").slice(0, 255) || "-";
  const head = `<${facility * 8 + levels[notice.severity]}>1 ${notice.at} ${name} vedette - ${notice.about}`;
  return `${head} [vedette@32473 ${data.join(" ")}] \ufeff${[title, ...lines].join(" | ")}`;
}

async function deliver(message: string, to: Settings, deps: ConnectionDeps): Promise<void> {
  const socket = await connectTo(to, to.security === "tls", deps);
  try {
    const bytes = Buffer.from(message);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("The receiver closed the connection.")));
      deps.signal.addEventListener("abort", () => reject(new Error("There was no end in time.")), {
        once: true,
      });
      // Counted octets (RFC 6587, RFC 5425): no line end in it could make a second message.
      socket.end(Buffer.concat([Buffer.from(`${bytes.length} `), bytes]), () => resolve());
    });
  } finally {
    // The rest is on its way: destroying it here could take it back.
    setTimeout(() => socket.destroy(), 1_000).unref();
  }
}

/** Syslog says nothing back: sent is what the connection took to its end. */
export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    try {
      await deliver(syslogMessage(notice, to.facility, hostname()), to, deps);
      return "taken by the connection";
    } catch (error) {
      throw failureOf(error, deps.signal);
    }
  },
});
