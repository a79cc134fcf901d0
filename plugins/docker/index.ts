import { definePlugin } from "@vedette/sdk";
import { z } from "zod";
import { input } from "./input.ts";

/** Output of containers, from the Docker engine. */
export const docker = definePlugin({
  id: "docker",
  name: "Docker",
  version: "1.0.0",
  description: "Follows the output of containers through the Docker Engine API.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Follows what containers write, through the Docker engine." },
    de: { description: "Folgt den Ausgaben von Containern, über die Docker-Engine." },
  },
  guarantees:
    "Goes on behind the last line that is in the spool, by its time and its number within that time. What the engine removed with a container or by rotation before it was read is lost.",
  input,
});
