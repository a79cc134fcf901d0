import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { input } from "./input.ts";

/** The journal of systemd. */
export const journald = definePlugin({
  id: "journald",
  name: "systemd journal",
  version: "1.0.0",
  description: "Reads the systemd journal through journalctl.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Reads the entries of the systemd journal." },
    de: { description: "Liest die Einträge des systemd-Journals." },
  },
  guarantees:
    "Goes on behind the last entry that is in the spool. What the journal removed before it was read is reported, not recovered.",
  input,
});
