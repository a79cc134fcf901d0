/** Bounds of a spec file. The largest known one has 140 KB, so there is room. */
export const specLimits = {
  bytes: 2 * 1024 * 1024,
  /** Maps and lists inside each other. */
  depth: 60,
  /** Values, with those that aliases repeat. */
  values: 200_000,
  /** `[]` before a type. */
  listDepth: 8,
} as const;
