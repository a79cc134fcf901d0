import { z } from "zod";
import { step } from "./steps/index.ts";

// Files in the EventProcessor format come from tools that write numbers as text.
const count = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const ruleId = z.union([
  z
    .number()
    .nonnegative()
    .refine((id) => Number.isInteger(id), { error: "Expected a whole number" }),
  z.string().min(1),
]);

const stage = z.strictObject({
  dataTypes: z.array(z.string().min(1)).min(1).describe("Data types of the logs that these steps parse."),
  steps: z.array(step).max(512).describe("Steps, run in this order."),
});

const asset = z.strictObject({
  name: z.string().min(1).describe("Name of the asset."),
  hostnames: z.array(z.string()).default([]).describe("Host names it is known by."),
  ips: z.array(z.string()).default([]).describe("Addresses it has."),
  confidentiality: count.default(0).describe("Harm when its data leaks, 0 to 3."),
  integrity: count.default(0).describe("Harm when its data is changed, 0 to 3."),
  availability: count.default(0).describe("Harm when it is down, 0 to 3."),
});

const tenant = z.strictObject({
  name: z.string().min(1).describe("Name of the tenant."),
  id: z.string().min(1).describe("Identifier of the tenant, usually a UUID."),
  assets: z.array(asset).default([]).describe("Assets of the tenant."),
  disabledRules: z.array(ruleId).default([]).describe("Rules that are off for this tenant."),
});

/** A pipeline file in the EventProcessor format. Several files add up; named patterns and plugins of later files win. */
export const pipelineFile = z.strictObject({
  pipeline: z.array(stage).default([]).describe("Stages; every stage of the log's data type runs, in order."),
  strict: z
    .boolean()
    .default(false)
    .describe(
      "Makes conditions of this file fail, with an entry in `errors`, where they are merely false otherwise: on an absent field outside a function, on values of different kinds, on a result that is neither true nor false.",
    ),
  patterns: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
        error: "The name of a pattern has letters, digits and underscores, and begins with no digit",
      }),
      z.string().min(1),
    )
    .default({})
    .describe("Named regular expressions, used as `{{.name}}`."),
  tenants: z.array(tenant).default([]).describe("Tenants with their assets."),
  disabledRules: z.array(ruleId).default([]).describe("Rules that are off for everyone."),
  plugins: z.record(z.string(), z.unknown()).default({}).describe("Settings by plugin name."),
});

export type PipelineFile = z.infer<typeof pipelineFile>;
/** A tenant with its rules' identities as text. */
export type Tenant = Omit<PipelineFile["tenants"][number], "disabledRules"> & {
  readonly disabledRules: readonly string[];
};
