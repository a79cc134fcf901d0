import { z } from "zod";

/** Strict, bounded, defaulted and described: pages and references are made of this. */
export const settings = z.strictObject({
  enabled: z.boolean().default(true).describe("Look hosts up at all."),
  prefix: z.string().max(64).default("web-").describe("Hosts whose name begins like this are web servers."),
});

export type Settings = z.infer<typeof settings>;
