/** A version taken apart: numbers in order, then what marks it as not yet released. */
interface Parts {
  readonly epoch: number;
  readonly numbers: readonly number[];
  /** Identifiers of a pre-release, such as `rc`, 1; undefined of a release. */
  readonly before: readonly (string | number)[] | undefined;
  /** What comes after the release of these numbers, such as `p1`, `-r2`, `4ubuntu1`. */
  readonly after: readonly (string | number)[];
}

const longest = 100;
/** Words that come before a release, in their order. Every other word comes after it. */
const early = ["dev", "nightly", "snapshot", "canary", "pre", "preview", "alpha", "beta", "rc"] as const;
const short: Readonly<Record<string, string>> = { a: "alpha", b: "beta", c: "rc", m: "alpha", cr: "rc" };

/**
 * Compares versions as people write them: below 0 where `a` is older, 0 where they are the same, above 0 where it is newer.
 * Understands semantic versions (2.0), a `v` or a name before them, dates, any number of parts, pre-releases with and
 * without a hyphen, Debian's epochs and revisions. Undefined where one of them is no version, such as `latest` or a commit.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [one, other] = [partsOf(a), partsOf(b)];
  if (one === undefined || other === undefined) return undefined;
  return (
    one.epoch - other.epoch ||
    compareNumbers(one.numbers, other.numbers) ||
    compareBefore(one.before, other.before) ||
    compareWords(one.after, other.after)
  );
}

function partsOf(text: string): Parts | undefined {
  if (text.length > longest) return undefined;
  // What follows a plus says how it was built (semver 2.0, 10), and what stands in brackets is for people.
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[+(\s].*$/s, "");
  const [, epoch = "0", digits = "", rest = ""] =
    /^(?:(\d{1,6}):)?(\d{1,15}(?:[._]\d{1,15}){0,9})(.*)$/.exec(withoutName(plain)) ?? [];
  if (digits === "" || isHash(plain) || (rest !== "" && !/^[-._~a-z]/.test(rest))) return undefined;
  const words = rest.match(/\d+|[a-z]+/g)?.map((word) => (/^\d/.test(word) ? Number(word) : word)) ?? [];
  const [first] = words;
  const word = typeof first === "string" ? (short[first] ?? first) : first;
  // `1.2.0-1` is a revision of 1.2.0 wherever programs are packaged; as a pre-release nobody means it.
  const isBefore = rest.startsWith("~") || early.includes(word as never);
  const named = word === undefined ? [] : [word, ...words.slice(1)];
  return {
    epoch: Number(epoch),
    numbers: digits.split(/[._]/).map(Number),
    before: isBefore ? named : undefined,
    after: isBefore ? [] : named,
  };
}

/** The text from its version on: a name before it, as in `release-1.2`, `app@2.0` or `v1`, is cut off. */
function withoutName(text: string): string {
  let rest = text;
  while (/^[a-z]/.test(rest)) {
    const [word] = /^(?:v|ver|version|r|rel|release)\.?(?=\d)|^[a-z]{1,20}(?=\d{1,9}\.\d)/.exec(rest) ?? [];
    if (word !== undefined) return rest.slice(word.length);
    const end = rest.search(/[-/@_:]/);
    if (end < 0) return "";
    rest = rest.slice(end + 1);
  }
  return rest;
}

/** The name of a commit. A day written as eight digits looks like one. */
const isHash = (text: string): boolean => /^[0-9a-f]{7,40}$/.test(text) && !/^\d{8}$/.test(text);

/** Parts that are not there count as zero: 1.2 is 1.2.0. */
function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A pre-release is older than its release. */
function compareBefore(a: Parts["before"], b: Parts["before"]): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  return compareWords(a, b);
}

function compareWords(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const difference = compareWord(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers are older than words (semver 2.0, 11.4); words that mean a stage are in its order, all others by letters. */
function compareWord(a: string | number, b: string | number): number {
  if (typeof a === "number" || typeof b === "number") {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return typeof a === "number" ? -1 : 1;
  }
  const [one, other] = [early.indexOf(a as never), early.indexOf(b as never)];
  if (one >= 0 || other >= 0) return one - other;
  return a < b ? -1 : a > b ? 1 : 0;
}
