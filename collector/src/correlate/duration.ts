/** Milliseconds of each unit that Go's durations know. */
const goUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
/** OpenSearch date math also knows days and weeks. */
const mathUnits: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  H: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const maxLength = 64;

/** Reads a Go duration such as `90s`, `15m` or `1h30m` into milliseconds; undefined when it is none or not above 0. */
export function goDuration(text: string): number | undefined {
  if (text.length === 0 || text.length > maxLength) return undefined;
  let at = text.startsWith("+") ? 1 : 0;
  let total = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (!match) return undefined;
    total += Number(match[1]) * goUnits[match[2]!]!;
    at = part.lastIndex;
  }
  return total > 0 && Number.isFinite(total) ? total : undefined;
}

/** Reads the date-math form `now-12h` into milliseconds; undefined when it is none. */
export function nowMinus(text: string): number | undefined {
  const match = /^now-(\d{1,9})([smhHdw])$/.exec(text.trim());
  const amount = Number(match?.[1] ?? 0) * (mathUnits[match?.[2] ?? ""] ?? 0);
  return amount > 0 ? amount : undefined;
}
