import { credential, defineConnection, definePlugin, setting, settings } from "@vedette/sdk";
import { z } from "zod";

const desk = defineConnection({
  title: "Ticket desk",
  settings: z.strictObject({ url: z.url(), auth: credential.token() }),
  test: async ({ url, auth }, { egress, signal }) => {
    const answer = await egress.fetch(url, { headers: { authorization: `Bearer ${auth.token}` }, signal });
    if (!answer.ok) throw new Error(`The token ${auth.token} was refused.`);
    return { status: "healthy", message: "The desk is open." };
  },
});

/** Knocks at a connection every second, and says in its log what it should not. */
export const tickets = definePlugin({
  ...{ id: "tickets", name: "Tickets", version: "1.0.0", apiVersion: 1, description: "For tests." },
  settings: settings({ desk: setting.connection("desk"), hint: setting.password() }),
  locales: { en: { description: "For tests." }, de: { description: "Für Tests." } },
  connections: { desk },
  periodic: {
    every: 1,
    tick: async (context) => {
      if (context.settings.desk === "") return;
      const { url, auth } = await context.connection(desk, context.settings.desk);
      context.log.warn({ auth }, `Knocking with ${auth.token}, hint ${context.settings.hint}.`);
      await context.egress.fetch(url, {
        headers: { authorization: `Knock ${auth.token}` },
        signal: context.signal,
      });
    },
  },
});
