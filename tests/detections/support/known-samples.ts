/** What the samples of Windows have in common, whoever wrote them. */
const windowsSet = {
  1208: "a service that lies in C:\\Temp",
  1210: "an account comes into Administrators",
};

/**
 * Samples of plugins in which a shipped rule is right to find something, by `plugin/case` and id of the rule. Every other
 * sample must raise nothing. An entry that finds nothing any more is a mistake too.
 */
export const knownSamples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "apache/hostile": {
    1104: "a traversal in the address",
    1105: "a JNDI look-up in the address",
  },
  "auditd/log-injection": { 1306: "a program of an attacker's name lies in /tmp" },
  "auditd/records": {
    1012: "sudo cat /etc/shadow",
    1301: "rules removed by user 1000",
    1302: "the daemon ended from session 3",
    1303: "curl piped into sh",
    1313: "su crashed",
  },
  "aws-cloudtrail/records": {
    1401: "StopLogging",
    1402: "a console login as root",
    1404: "AdministratorAccess attached",
    1405: "mallory makes a key for alice",
  },
  "cisco-asa/events": { 1901: "a login from an address that is not a private one" },
  "fortigate/events": { 1901: "a login from an address that is not a private one" },
  "haproxy/http": { 1102: "/.env asked for and refused" },
  "linux-auth/accounts": {
    1007: "accounts come into sudo and docker",
    2014: "a new account comes into sudo at once",
  },
  "linux-auth/elevation": {
    1005: "sudo and pkexec refused",
    1006: "wrong passwords three times",
  },
  "linux-auth/log-injection": { 1005: "sudo refused; what its user imitates is not believed" },
  "linux-auth/sshd-log-injection": {
    1001: "many tries of one address, whatever the names imitate",
    1003: "many names of one address",
  },
  "mikrotik/events": { 1901: "a login from an address that is not a private one" },
  "nginx/error-log": { 1104: "a traversal that ModSecurity refused" },
  "nginx/log-injection": { 1105: "a JNDI look-up as user agent" },
  "palo-alto/records": { 1901: "a login from an address that is not a private one" },
  "pfsense/web-logins": { 1901: "logins from addresses that are not private ones" },
  "suricata/eve": { 1507: "a signature of the category for trojans" },
  "traefik/access": { 1102: "/.env asked for and refused" },
  "traefik/hostile": { 1105: "a JNDI look-up in the address" },
  "windows/evtxecmd": windowsSet,
  "windows/nxlog": windowsSet,
  "windows/winlogbeat": windowsSet,
  "windows/xml": {
    ...windowsSet,
    1201: "the security log emptied",
    2009: "the security log emptied after an account came into Administrators",
  },
  "zeek/json": { 1509: "Zeek's notice of guessed passwords" },
  "zeek/tsv": { 1509: "Zeek's notice of guessed passwords" },
};
