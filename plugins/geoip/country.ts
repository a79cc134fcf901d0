const display = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
const CODE = /^[A-Z]{2}$/;
/** There are fewer than 300 codes; the bound only guards against a database full of nonsense. */
const MAX_NAMES = 1_000;
const names = new Map<string, string | undefined>();

/**
 * English name of an ISO 3166-1 alpha-2 code, the same whatever database gave the code.
 * Undefined for a code that names no country, such as the user-assigned ZZ.
 */
export function countryName(code: string): string | undefined {
  if (!CODE.test(code) || code === "ZZ" || code === "XX") return undefined;
  if (names.has(code)) return names.get(code);
  const name = display.of(code);
  if (names.size < MAX_NAMES) names.set(code, name);
  return name;
}
