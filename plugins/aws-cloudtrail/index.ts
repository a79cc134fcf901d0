import { definePlugin } from "@vedette/sdk";
import { z } from "zod";

const rules = [
  "trail-stopped",
  "root-login",
  "login-without-mfa",
  "admin-policy",
  "key-for-another",
  "refused-calls",
  "bucket-opened",
  "port-opened",
  "guard-disabled",
  "snapshot-shared",
  "secrets-read",
  "key-deletion",
  "mfa-removed",
  "gpu-instances",
  "role-trusts-anybody",
  "refused-then-rights",
] as const;

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
  analyze: { rules: rules.map((name) => new URL(`./rules/${name}.yaml`, import.meta.url)) },
});
