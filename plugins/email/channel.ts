import { hostname } from "node:os";
import { defineChannel, defineConnection } from "@vedette/sdk";
import { messageOf } from "./message.ts";
import { type Settings, settings } from "./settings.ts";
import { SmtpSession } from "./smtp.ts";

export const connection = defineConnection({
  title: "SMTP server",
  description: "The test logs in and sends nothing.",
  settings: settings.refine(
    ({ security, login }) => !(security === "dangerouslyPlain" && login !== undefined),
    { message: "A password is not sent without TLS", path: ["login"] },
  ),
  async test(to, deps) {
    const session = await SmtpSession.open(to, deps);
    await session.quit();
    return { status: "healthy", message: to.login ? "The login is good." : "The server answers." };
  },
});

export const channel = defineChannel<Settings>({
  async send(notice, to, deps) {
    const session = await SmtpSession.open(to, deps);
    try {
      return await session.send(to.from, to.to, messageOf(notice, to, hostname()));
    } finally {
      await session.quit();
    }
  },
});
