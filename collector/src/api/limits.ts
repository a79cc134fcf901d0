/** Bounds of a single request. Everything a client sends meets one of these. */
export const limits = {
  /** Items in one page of a list. */
  items: 1_000,
  /** Characters of a text query. */
  queryLength: 1_000,
  /** Words, phrases and field terms of a text query. */
  terms: 32,
  filters: 32,
  filterLength: 2_000,
  /** Names by which events of one asset are looked for. */
  assetNames: 1_000,
  /** Values of one `in` filter. */
  values: 100,
  /** Characters of a field path. */
  pathLength: 256,
  /** Buckets of a histogram. */
  buckets: 1_000,
  /** Distinct values in a histogram's `by` or a top list. */
  top: 100,
  /** Seconds the store may work on one query. */
  querySeconds: 15,
  /** Rows the store may read for one query. */
  rowsToRead: 2_000_000_000,
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024,
  /** The same where credentials are sent, which may be files. */
  connectionBytes: 256 * 1024,
  /** The same where a whole inventory of assets is sent. */
  inventoryBytes: 10 * 2 ** 20,
  /** The same where a pack of rules is sent, in base64. */
  packBytes: 32 * 2 ** 20,
} as const;
