import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { input } from "./input.ts";

/** Output of programs, run again and again or kept running. */
export const exec = definePlugin({
  id: "exec",
  name: "Program",
  version: "1.0.0",
  description: "Runs a program on an interval, or keeps it running, and reads its output.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Runs a program, again and again or all the time, and reads what it writes." },
    de: { description: "Führt ein Programm aus, wiederholt oder dauernd, und liest, was es ausgibt." },
  },
  guarantees:
    "What the program wrote and the agent had taken is kept across restarts once it is in the spool. Output that a killed agent had not taken is lost: a pipe has no memory.",
  input,
});
