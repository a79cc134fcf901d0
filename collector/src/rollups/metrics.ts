/** One count over the events of a day. SQL over the columns of `events`; none of it comes from outside. */
interface Metric {
  readonly name: string;
  /** What events are told apart by. */
  readonly key: string;
  /** Which events count; all where it is not said. */
  readonly where?: string;
}

const isAccess = "startsWith(eventType, 'access.')";
const isSecurity = "startsWith(eventType, 'security.')";
const isBan = "(eventType = 'security.ban' OR startsWith(eventType, 'security.ban.'))";
/** Addresses that are nobody's on the internet. */
const isInternal =
  "match(`origin.ip`, '^(10[.]|127[.]|169[.]254[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]|::1$|[fF][cCdD]|[fF][eE][89abAB])')";
const hour = "leftPad(toString(toHour(timestamp)), 2, '0')";

/** OpenSecDash's metrics, and those that our events have besides. */
export const metrics: readonly Metric[] = [
  { name: "events", key: "''" },
  { name: "access", key: `if(${isInternal}, 'internal', 'external')`, where: isAccess },
  {
    name: "security",
    key: `multiIf(${isBan}, 'ban', eventType = 'security.geoblock', 'geoblock', 'other')`,
    where: isSecurity,
  },
  { name: "event_type", key: "eventType" },
  { name: "data_type", key: "dataType" },
  { name: "severity", key: "severity" },
  {
    name: "status",
    key: "concat(toString(intDiv(statusCode, 100)), 'xx')",
    where: "statusCode BETWEEN 100 AND 599",
  },
  { name: "hour_access", key: hour, where: isAccess },
  { name: "hour_security", key: hour, where: isSecurity },
  {
    name: "country",
    key: "`origin.geolocation.countryCode`",
    where: "`origin.geolocation.countryCode` != ''",
  },
  {
    ...{ name: "country_security", key: "`origin.geolocation.countryCode`" },
    where: `${isSecurity} AND \`origin.geolocation.countryCode\` != ''`,
  },
  { name: "host", key: "`target.host`", where: "`target.host` != ''" },
  { name: "asset", key: "assetId", where: "assetId != ''" },
  {
    // What a ban of ours adds to a reason, so that its line in the log is known again.
    ...{
      name: "scenario",
      key: "trim(replaceRegexpOne(toString(log.scenario), '[(]action #[^)]*[)]$', ''))",
    },
    where: `${isBan} AND toString(log.scenario) != ''`,
  },
];

/** Keys of a metric that are kept of a day; what is left is summed up under `…`. */
export const mostKeys = 1_000;
/** Stands for all keys that were not kept. */
export const otherKeys = "…";

/** Counts one metric over one day, by tenant. Parameter `day`: its first moment. */
export const metricSql = ({ key, where }: Metric): string => `
  SELECT tenantId, if(rank <= ${mostKeys}, k, '${otherKeys}') AS key, sum(n) AS value FROM (
    SELECT tenantId, k, n, row_number() OVER (PARTITION BY tenantId ORDER BY n DESC, k) AS rank FROM (
      SELECT tenantId, left(${key}, 300) AS k, count() AS n FROM events
      WHERE timestamp >= toDateTime64({day:String}, 3, 'UTC') AND timestamp < toDateTime64({day:String}, 3, 'UTC') + INTERVAL 1 DAY
      ${where === undefined ? "" : `AND ${where}`} GROUP BY tenantId, k))
  GROUP BY tenantId, key`;
