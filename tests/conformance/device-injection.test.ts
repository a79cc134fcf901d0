import { describe, expect, it } from "vitest";
import { Random } from "../../cli/src/samples/random.ts";
import { attackerText } from "./support/attacker-text.ts";
import { parseLine, pipelinesOf } from "./support/plugin-cases.ts";
import { allPlugins } from "./support/plugin-list.ts";

/** Pieces of the formats of devices and sensors, of which a client makes its name beside those of servers. */
// biome-ignore format: a list to be read in groups.
const PIECES = [
  "' from: 8.8.8.8", "' from 8.8.8.8", " from 8.8.8.8 via ssh", " (Local Database)", " logged in from 8.8.8.8 via web",
  " : user IP = 8.8.8.8", "> IP <8.8.8.8> ", ", IP = 8.8.8.8, ", '" from 8.8.8.8/1 to a:1.1.1.1/ssh for user "', "%ASA-6-605005: ",
  "'addr=8.8.8.8 res=success'", " addr=8.8.8.8", "msg='op=login res=success'", "726F6F74", "type=USER_LOGIN msg=audit(1.000:1): ",
  '" srcip=8.8.8.8 status="success', " srcip=8.8.8.8", '","8.8.8.8","', ",8.8.8.8,", '"",', " From: 8.8.8.8.", "'. ",
  '","src_ip":"8.8.8.8', '"},"event_id":4624', "</Data><Data Name='IpAddress'>8.8.8.8", "]]>", "<!--", "&lt;", "&#65;",
  " src=8.8.8.8", "\\=", "|", "^src=8.8.8.8", "\n", "\t8.8.8.8\t", "\u001dUID=\"root\"", "{{origin.ip}}", "IN=a OUT= SRC=8.8.8.8 DST=1.1.1.1 ",
] as const;

const chosen = (random: Random): string => {
  let text = "";
  for (let count = random.whole(0, 5); count > 0; count--)
    text += random.chance(0.6) ? random.pick(PIECES) : attackerText(random, 2);
  return text;
};

const ROUNDS = 1_500;

const parserOf = (dataType: string) => {
  const found = allPlugins.find((each) => each.plugin.parse?.dataTypes.includes(dataType));
  const set = pipelinesOf(found!.plugin);
  return (line: string) => parseLine(set, dataType, line);
};

/** A line of a log is one line: what a device cannot escape it leaves out. */
const oneLine = (text: string): string => text.replace(/[\r\n]/g, "");
// The kernel's rule: in hexadecimal where a quote, a blank or a control character is.
const audit = (text: string): string =>
  /^[!#-~]+$/.test(text) ? `"${text}"` : Buffer.from(text, "utf8").toString("hex").toUpperCase();
const json = (text: string): string => JSON.stringify(text);
const csv = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "")
    .replace(/[&<>'"\r\n\t]/g, (char) => `&#${char.charCodeAt(0)};`);
const fortinet = (text: string): string => oneLine(text).replace(/["\\]/g, "\\$&");
const tsv = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Zeek escapes exactly these.
    /[\u0000-\u001f\\]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
const cef = (text: string): string =>
  text.replace(/[\\=]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");

type Line = (text: string, ip: string) => string;
const syslog = "Jan 10 09:57:21 fw-1";

/** Lines with a text that the client chose, and what must come of them whatever it is. */
const lines: readonly (readonly [dataType: string, eventType: string, line: Line])[] = [
  [
    "pfsense",
    "auth.login.failed",
    (text, ip) =>
      `${syslog} php-fpm[3]: /index.php: webConfigurator authentication error for user '${oneLine(text)}' from: ${ip}`,
  ],
  [
    "mikrotik",
    "auth.login.failed",
    (text, ip) =>
      `${syslog} system,error,critical login failure for user ${oneLine(text)} from ${ip} via winbox`,
  ],
  [
    "cisco-asa",
    "auth.login.failed",
    (text, ip) =>
      `<166>${syslog} : %ASA-6-605004: Login denied from ${ip}/51239 to outside:192.0.2.1/ssh for user "${oneLine(text)}"`,
  ],
  [
    "cisco-asa",
    "auth.login.failed",
    (text, ip) =>
      `<166>${syslog} : %ASA-6-113015: AAA user authentication Rejected : reason = Invalid password : local database : user = ${oneLine(text)} : user IP = ${ip}`,
  ],
  [
    "auditd",
    "auth.login.failed",
    (text, ip) =>
      `type=USER_LOGIN msg=audit(1768039041.123:401): pid=9 uid=0 auid=1 ses=1 msg='op=login acct=${audit(text || "x")} exe="/usr/sbin/sshd" hostname=? addr=${ip} terminal=ssh res=failed'`,
  ],
  [
    "fortigate",
    "auth.login.failed",
    (text, ip) =>
      `date=2026-01-10 time=09:57:30 tz="+0000" logid="0100032002" type="event" subtype="system" user="${fortinet(text)}" ui="ssh(${ip})" srcip=${ip} action="login" status="failed" msg="${fortinet(text)}"`,
  ],
  [
    "palo-alto",
    "auth.login.failed",
    (text, ip) =>
      `1,2026/01/10 09:57:20,1,GLOBALPROTECT,0,,2026/01/10 09:57:20,vsys1,gateway-auth,login,LDAP,,${csv(oneLine(text))},US,${csv(oneLine(text))},${ip},,,,,,,,,1,,,,failure`,
  ],
  [
    "suricata",
    "network.http",
    (text, ip) =>
      `{"timestamp":"2026-01-10T09:58:01.000001+0000","event_type":"http","src_ip":"${ip}","http":{"hostname":${json(text)},"url":${json(text)},"http_user_agent":${json(text)}}}`,
  ],
  [
    "zeek",
    "network.http",
    (text, ip) =>
      `1768039043.123456\tCHhAvVGS1DHFjwGM9\t${ip}\t51000\t192.0.2.80\t80\t1\t${tsv(text) || "-"}\t${tsv(text) || "-"}\t${tsv(text) || "-"}\t-\t1.1\t${tsv(text) || "-"}${"\t-".repeat(17)}`,
  ],
  [
    "windows",
    "auth.login.failed",
    (text, ip) =>
      `{"EventTime":"2026-01-10 09:57:02","Hostname":"pc-2","EventID":4625,"SourceName":"Microsoft-Windows-Security-Auditing","TargetUserName":${json(text)},"WorkstationName":${json(text)},"IpAddress":"${ip}","Message":${json(text)}}`,
  ],
  [
    "windows",
    "auth.login.failed",
    (text, ip) =>
      `<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4625</EventID><TimeCreated SystemTime='2026-01-10T09:57:02Z'/></System><EventData><Data Name='TargetUserName'>${xml(text)}</Data><Data Name='IpAddress'>${ip}</Data><Data Name='WorkstationName'>${xml(text)}</Data></EventData></Event>`,
  ],
  [
    "aws-cloudtrail",
    "auth.login.failed",
    (text, ip) =>
      `{"eventTime":"2026-01-10T09:58:01Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","userIdentity":{"userName":${json(text)}},"sourceIPAddress":"${ip}","userAgent":${json(text)},"responseElements":{"ConsoleLogin":"Failure"}}`,
  ],
  [
    "cef",
    "auth.login.failed",
    (text, ip) =>
      `CEF:0|Example|VPN|3.1|200|Login failed|Medium|src=${ip} rt=1768039041000 suser=${cef(text)} msg=${cef(text)} outcome=failure`,
  ],
  [
    "leef",
    "auth.login.failed",
    (text, ip) =>
      `LEEF:2.0|Example|VPN|3.1|LoginFailed|^|src=${ip}^devTime=1768039041000^usrName=${oneLine(text).replaceAll("^", "")}^sev=6`,
  ],
];

describe.each(lines)("a client that %s writes of", (dataType, eventType, line) => {
  it("cannot write any field but its own", () => {
    const parse = parserOf(dataType);
    const random = new Random(23);
    for (let round = 0; round < ROUNDS; round++) {
      const ip = random.pick(["203.0.113.66", "2001:db8::66"]);
      const raw = line(chosen(random), ip);
      const event = parse(raw);
      expect(event, raw).toMatchObject({ eventType, origin: { ip } });
      expect(event?.errors, raw).toBeUndefined();
      expect(event?.deviceTime, raw).toMatch(/^2026-01-10T09:5/);
    }
  });
});
