import { z } from "zod";

/** Takes a data type that is another plugin's already. */
export const greedy = {
  id: "greedy",
  name: "Greedy",
  version: "1.0.0",
  description: "Parses what others parse.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: { en: {}, de: {} },
  parse: { dataTypes: ["nginx"], pipelines: [] },
};
