import { z } from "zod";
import { matchersSchema } from "../alert-match/index.ts";

const inhibition = z.strictObject({
  name: z.string().min(1).max(100).describe("How it is called where it hid something."),
  source: matchersSchema.describe("While such an alert is there,"),
  target: matchersSchema.describe("such alerts are hidden,"),
  equal: z
    .array(z.string().min(1).max(200))
    .max(10)
    .default([])
    .describe("where these paths have equal values in both, such as `adversary.ip`."),
  minutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(60)
    .describe("How long after the first alert; closing it ends that at once."),
});

const expected = z.strictObject({
  dataType: z.string().min(1).max(200).default("*").describe("Data type; `*` stands for any text."),
  dataSource: z.string().min(1).max(200).default("*").describe("Source; `*` stands for any text."),
  minutes: z
    .int()
    .min(0)
    .max(43_200)
    .describe("The longest time without an event; 0 where its silence says nothing."),
});

/** `collector.alerting`: what happens to alerts between detection and people. */
export const alertingConfig = z.strictObject({
  inhibit: z
    .array(inhibition)
    .max(100)
    .default([])
    .describe("Alerts that hide others. What is hidden is stored with its reason."),
  incidents: z
    .strictObject({
      windowMinutes: z
        .int()
        .min(1)
        .max(10_080)
        .default(60)
        .describe("An alert joins the incident of its adversary if that had one within this time."),
    })
    .prefault({}),
  risk: z
    .strictObject({
      threshold: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(200)
        .describe(
          "Points of one entity that raise an incident. An alert has 1 (info), 5, 15, 40 or 80 (critical).",
        ),
      halfLifeHours: z
        .number()
        .min(0.1)
        .max(720)
        .default(24)
        .describe("Time after which an alert counts half as much."),
    })
    .prefault({}),
  silentSources: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Raise an alert when a source is not heard any more."),
      minimumMinutes: z
        .int()
        .min(1)
        .max(1_440)
        .default(30)
        .describe("No source is called silent earlier than this, unless `expected` says so."),
      learnHours: z
        .int()
        .min(1)
        .max(720)
        .default(24)
        .describe("How long a source is watched before its rhythm counts."),
      maxSources: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(20_000)
        .describe("Sources that are watched; the longest unheard leave."),
      expected: z
        .array(expected)
        .max(1_000)
        .default([])
        .describe("Sources whose rhythm is told rather than learned; the first that fits counts."),
    })
    .prefault({}),
});

export type AlertingConfig = z.infer<typeof alertingConfig>;
