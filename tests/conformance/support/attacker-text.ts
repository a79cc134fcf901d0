import type { Random } from "../../../cli/src/samples/random.ts";

/** Pieces of the formats themselves, of which a client makes its name, path or user agent. */
// biome-ignore format: a list to be read in groups.
const PIECES = [
  " ", " ", "a", "root", "-", '"', '"', "'", "\\", "\\\\", "[", "]", "{", "}", "(", ")", ":", ";", ",", "=", "%20", "\t",
  " from ", "from", " port ", "port 22", " user ", "user", "invalid user ", "authenticating user ", "8.8.8.8", "8.8.8.8 ",
  " 2001:4860::8888", "8.8.8.8 port 22", "from 8.8.8.8 port 22 ssh2", " ssh2", "[preauth]", ": ", "Accepted password for root ",
  "Failed password for ", " HTTP/1.1", '" 200 5 "-" "-"', "200", " 200 5", " - - ", "[01/Jan/2020:00:00:00 +0000] ", "GET / ",
  "\u0000", "\u001b[31m", "\u202e", "\u00e9", "\u{1f980}", "$", "{jndi:ldap://8.8.8.8/a}", "\r", "__proto__", "rhost=8.8.8.8", "sshd[1]: ",
  "Jan  1 00:00:00 x sshd[1]: ", "Too many authentication failures", "message repeated 2 times: [ ",
  ", client: 8.8.8.8", ", server: x", ', request: "GET / HTTP/1.1"', ", rip=8.8.8.8", ">, method=PLAIN", ", session=<x>", ",8.8.8.8): unknown user",
  "unknown[8.8.8.8]", "; from=<a@b> to=<c@d> proto=SMTP helo=<e>", ", relay=x[8.8.8.8]:25", ", status=sent (ok)", "sasl_username=root",
  ' 1 "r" "u" 0ms', " ; USER=root ; COMMAND=/bin/sh", ") root on pts/0", " by ip 8.8.8.8 : 4h ban on Ip 8.8.8.8", "[sshd] Ban 8.8.8.8",
] as const;

/** Up to `most` pieces after each other. */
export function attackerText(random: Random, most = 7): string {
  let text = "";
  for (let count = random.whole(0, most); count > 0; count--) text += random.pick(PIECES);
  return text;
}
