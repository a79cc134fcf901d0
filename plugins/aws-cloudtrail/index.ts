import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

/** Calls and console logins that AWS CloudTrail recorded, one record a line. */
export const awsCloudtrail = definePlugin({
  id: "aws-cloudtrail",
  name: "AWS CloudTrail",
  version: "1.0.0",
  description: "AWS CloudTrail records.",
  apiVersion: 1,
  settings: z.strictObject({}),
  locales: {
    en: { description: "Calls and console logins that AWS CloudTrail recorded, one record a line." },
    de: { description: "Aufrufe und Konsolenanmeldungen aus AWS CloudTrail, ein Eintrag je Zeile." },
  },
  parse: { dataTypes: ["aws-cloudtrail"], pipelines: [new URL("./pipeline.yaml", import.meta.url)] },
});
