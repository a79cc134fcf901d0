import { z } from "zod";

const word = z.string().max(300);
const address = z.string().max(2_048);

/** A program on a system: what may be out of date, and the host name by which events find it. */
export const assetApp = z.strictObject({
  name: word.min(1),
  version: word.optional(),
  /** Where its newest release is told. */
  releaseUrl: address.optional(),
  appUrl: address.optional(),
  /** Address under which it answers; events with this host belong to the asset. */
  hostUrl: address.optional(),
  /** False once a report of the asset no longer had it. Set by Vedette. */
  active: z.boolean().optional(),
  /** The newest release that is known. Set by Vedette from `releaseUrl`, unless the report says it. */
  latestVersion: word.optional(),
  /** Where people read about the newest release. */
  latestUrl: address.optional(),
  /** Whether the newest release is newer than `version`; absent where they cannot be compared. Set by Vedette. */
  updateAvailable: z.boolean().optional(),
});
export type AssetApp = z.output<typeof assetApp>;

/** The newest release of a program, as its publisher tells it. */
export const release = z.strictObject({
  /** As assets say it. */
  releaseUrl: address.min(1),
  version: word.min(1),
  /** Where people read about it. */
  url: address.optional(),
});
export type Release = z.output<typeof release>;

/** A system that is to be protected: a host, a guest, a container. */
export const asset = z.strictObject({
  /** Stable for ever within the plugin that reports it. */
  id: z.string().min(1).max(300),
  name: word.min(1),
  /** Such as vm, container, host. */
  kind: z.string().max(50).default("host"),
  hostnames: z.array(word).max(100).default([]),
  ips: z.array(z.string().max(64)).max(100).default([]),
  apps: z.array(assetApp).max(1_000).default([]),
  /** How much harm to it would do, 0 (none) to 3 (high). */
  criticality: z.int().min(0).max(3).default(0),
  labels: z.record(z.string().max(100), z.string().max(300)).default({}),
});

export type Asset = z.output<typeof asset>;
export type ReportedAsset = z.input<typeof asset>;
