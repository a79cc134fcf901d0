/** What scanners and exploits ask web servers for; the rules below look for these in their usual spellings. */
const paths = (
  "/.env /.git/ /.svn/ /.hg/ /wp-login.php /wp-config.php /xmlrpc.php /phpmyadmin /pma/ /administrator/ /server-status " +
  "/actuator/ /vendor/phpunit/ /cgi-bin/luci /manager/html /solr/admin/ /HNAP1 /boaform/ /owa/auth/ /autodiscover/ " +
  "/id_rsa /shell.php /eval-stdin.php /.aws/ /.docker/ /console/login /jenkins/ /struts2- /geoserver/ /druid/indexer"
).split(" ");
const payloads = (
  "../../ ..%2f %2e%2e/ /etc/passwd /etc/shadow win.ini <script %3Cscript onerror= javascript: union+select union%20select " +
  "sleep( benchmark( xp_cmdshell information_schema ${jndi: %24%7bjndi ;wget ;curl |bash /bin/sh cmd.exe powershell " +
  "base64_decode( php://input php://filter data:text gopher:// file:///"
).split(" ");
const clients = (
  "sqlmap nikto nmap masscan zgrab nuclei gobuster dirbuster wpscan acunetix nessus openvas arachni w3af hydra " +
  "jorgee zmeu python-requests go-http-client libwww-perl"
).split(" ");

const text = (value: string): string => JSON.stringify(value);
const list = (values: readonly string[]): string => `[${values.map(text).join(", ")}]`;

/**
 * Rules as detection engineers write them for web servers: every kind of text condition, most on the URL, the path or the
 * user agent, some behind a cheap condition, none of them true for ordinary traffic. YAML in the format of the
 * EventProcessor.
 */
export function webRules(count: number): string {
  const some = (all: readonly string[], at: number, n: number): string[] =>
    Array.from({ length: n }, (_, i) => `${all[(at + i * 7) % all.length]}${at < all.length ? "" : at}`);
  const kinds: ((i: number) => string)[] = [
    (i) => `contains("target.url", ${list(some(payloads, i, 4))})`,
    (i) => `greaterOrEqual("statusCode", 400) && contains("target.path", ${list(some(paths, i, 5))})`,
    (i) => `startsWith("target.path", ${list(some(paths, i, 3))}) && exists("origin.ip")`,
    (i) => `endsWith("target.path", ${list([`.bak${i}`, `.old${i}`, `~${i}`, `.sql${i}`])})`,
    (i) => `contains("log.userAgent", ${list(some(clients, i, 3))})`,
    (i) => `regexMatch("target.url", ${text(`(?i)(?:select|insert|update)[+%20]{1,8}.{0,40}t${i}[+%20]`)})`,
    (i) => `regexMatch("log.userAgent", ${text(`(?i)(?:${clients[i % clients.length]})/${i}\\.`)})`,
    (i) =>
      `oneOf("action", ["PUT", "DELETE", "TRACE"]) && contains("target.url", ${text(`/upload${i}`)}) && !inCIDR("origin.ip", "10.0.0.0/8")`,
    (i) =>
      `equals("target.path", ${text(`/api/v1/admin/${i}`)}) || target.url.contains(${text(`debug=${i}-on`)})`,
    (i) =>
      `equalsIgnoreCase("log.userAgent", ${text(`EvilBot/${i}.0`)}) && origin.geolocation.countryCode == "ZZ"`,
  ];
  return Array.from({ length: count }, (_, i) => {
    const where = kinds[i % kinds.length]!(i);
    return `- name: Web rule ${i}\n  dataTypes: [nginx]\n  where: ${text(where)}\n  deduplicateBy: [adversary.ip]\n`;
  }).join("");
}
