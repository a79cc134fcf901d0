/** The same keys with changed values. */
export function mapValues<K extends string, V, W>(
  object: Readonly<Record<K, V>>,
  change: (value: V, key: K) => W,
): Record<K, W> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value as V, key as K)]),
  ) as Record<K, W>;
}
