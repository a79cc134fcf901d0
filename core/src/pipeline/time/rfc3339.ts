const STRICT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/**
 * True for a time that is RFC 3339 as it stands, so that it needs no reading and writing. Days that not every month has
 * are left to whoever knows the calendar.
 */
export const isRfc3339 = (text: string): boolean => text.length <= 35 && STRICT.test(text);

/** A count of milliseconds since 1970 as RFC 3339 in UTC, without a fraction where it is none; undefined beyond the year 9999. */
export function ofMilliseconds(count: number): string | undefined {
  if (!(count >= 0 && count < 253_402_300_800_000)) return undefined;
  const text = new Date(count).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, 19)}Z` : text.replace(/0+Z$/, "Z");
}
