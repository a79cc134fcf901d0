// Each alternative begins with other digits, so one look decides and nothing is tried twice.
const octet = "(?:2(?:5[0-5]?|[0-4][0-9]?|[6-9])?|1[0-9]{0,2}|[3-9][0-9]?|0)";
const v4 = `${octet}(?:\\.${octet}){3}`;
const group = "[0-9A-Fa-f]{1,4}";
const label = "[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62})";
const hexPair = "[0-9A-Fa-f]{2}";
const months =
  "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?";
const time = "(?:2[0-3]|[01]?[0-9]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?";

/**
 * Patterns that every pipeline may use as `{{.name}}`. The names are the EventProcessor's, the expressions ours:
 * written so that no text makes them slow, in the regular expression syntax of Go (RE2).
 */
export const defaultPatterns: Readonly<Record<string, string>> = {
  ipv4: v4,
  ipv6: `(?:::(?:[Ff]{4}:)?${v4}|${group}(?::${group}){7}|(?:${group}(?::${group}){0,6})?::(?:${group}(?::${group}){0,6})?)(?:%[0-9A-Za-z]{1,15})?`,
  hostname: `${label}(?:\\.${label})*\\.?`,
  domain: `${label}(?:\\.${label})+`,
  email: `[0-9A-Za-z!#$%&'*+/=?^_{|}~.-]{1,64}@${label}(?:\\.${label})*`,
  uuid: "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
  integer: "[+-]?[0-9]+",
  word: "[0-9A-Za-z_]+",
  greedy: ".*",
  data: "(.*?)",
  space: "\\s+",
  notSpace: "\\S+",
  commonMacAddr: `${hexPair}(?::${hexPair}){5}`,
  winMacAddr: `${hexPair}(?:-${hexPair}){5}`,
  ciscoMacAddr: "[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}",
  syslogDate: `(?:${months})\\s+(?:3[01]|[12][0-9]|0?[1-9])\\s+${time}`,
  time,
  hour: "(?:2[0-3]|[01]?[0-9])",
  minute: "[0-5][0-9]",
  seconds: "(?:60|[0-5]?[0-9])(?:[.,:][0-9]{1,9})?",
  iso8601Timezone: "(?:Z|[+-](?:2[0-3]|[01]?[0-9])(?::?[0-5][0-9])?)",
  year: "[0-9]{4}|[0-9]{2}",
  monthName: `(?:${months})`,
  monthNumber: "(?:1[0-2]|0?[1-9])",
  monthDay: "(?:3[01]|[12][0-9]|0?[1-9])",
  day: "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)",
};
