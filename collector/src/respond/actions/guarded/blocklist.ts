import type { TargetType } from "@vedette/sdk";
import type { Action } from "./registry.ts";
import type { Run } from "./types.ts";

const texts = {
  en: {
    ban: "Put on the blocklist",
    "ban.help": "Firewalls and bouncers that read the blocklist block it until its time is over.",
  },
  de: {
    ban: "Auf die Sperrliste setzen",
    "ban.help": "Firewalls und Bouncer, die die Sperrliste lesen, sperren es, bis die Zeit um ist.",
  },
} as const;

/**
 * `blocklist/ban`: its backend is the table of containments itself, which feeds give out. So it is done when it is written, and
 * undone when it is not standing any more.
 */
export const blocklistBan = (standing: (action: string) => Promise<readonly Run[]>): Action => ({
  ...{ id: "blocklist/ban", source: "builtin", texts, absence: () => undefined },
  definition: {
    ...{ name: "ban", targets: ["ip", "cidr"], critical: true, containment: true, idempotent: true },
  },
  validate: async () => undefined,
  execute: async ({ target }) => ({ message: `${target.value} is on the blocklist.` }),
  undo: async ({ target }) => ({ message: `${target.value} is not on the blocklist any more.` }),
  list: async () =>
    (await standing("blocklist/ban")).map(({ id, target_type, target, expires_at }) => ({
      ...{ id, target: { type: target_type as TargetType, value: target } },
      ...(expires_at === null ? {} : { expiresAt: Number(expires_at) }),
    })),
});
