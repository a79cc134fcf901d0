import { describe, expect, it } from "vitest";
import { Random } from "../../cli/src/samples/random.ts";
import { attackerText } from "./support/attacker-text.ts";
import { parseLine, pipelinesOf } from "./support/plugin-cases.ts";
import { allPlugins } from "./support/plugin-list.ts";

const ATTACKER = ["192.0.2.66", "2001:db8::66", "198.51.100.7"] as const;
const ROUNDS = 4_000;

/** Parses lines of a data type with the pipelines of the plugin that has it. */
const parserOf = (dataType: string) => {
  const found = allPlugins.find((each) => each.plugin.parse?.dataTypes.includes(dataType));
  if (!found) throw new Error(`No plugin parses "${dataType}".`);
  const set = pipelinesOf(found.plugin);
  return (line: string) => parseLine(set, dataType, line);
};

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
// biome-ignore lint/suspicious/noControlCharactersInRegex: servers escape exactly these.
const CONTROL = /[\u0000-\u001f\u007f]/g;

/** What the two servers do to a variable before they log it. */
const servers = {
  nginx: (text: string) =>
    text
      .replace(/["\\]/g, (each) => `\\x${hex(each).toUpperCase()}`)
      .replace(CONTROL, (each) => `\\x${hex(each)}`),
  apache: (text: string) => text.replace(/["\\]/g, "\\$&").replace(CONTROL, (each) => `\\x${hex(each)}`),
} as const;

describe.each(["nginx", "apache"] as const)("a client of %s", (id) => {
  it("cannot write any field but its own", () => {
    const parse = parserOf(id);
    const written = servers[id];
    const random = new Random(11);
    for (let round = 0; round < ROUNDS; round++) {
      const ip = random.pick(ATTACKER);
      const user = attackerText(random).trim() || "-";
      const [path, referer, agent] = [
        `/${attackerText(random)}`,
        attackerText(random) || "-",
        attackerText(random) || "-",
      ];
      const status = random.pick([200, 301, 400, 401, 404, 500]);
      const fields = `"GET ${written(path)} HTTP/1.1" ${status} 153 "${written(referer)}" "${written(agent)}"`;
      const line = `${ip} - ${written(user)} [10/Jan/2026:13:55:36 +0000] ${fields}`;
      const event = parse(line);
      expect(event, line).toMatchObject({
        origin: { ip },
        statusCode: status,
        deviceTime: "2026-01-10T13:55:36Z",
        action: "GET",
      });
      expect(event?.target?.bytesSent, line).toBe(153);
      expect(event?.target?.url, line).toBe(written(path).trim());
      expect(event?.log?.userAgent ?? "-", line).toBe(written(agent).trim() || "-");
      expect(event?.errors, line).toBeUndefined();
    }
  });
});

/**
 * Lines that hold text of a client beside its address, as their programs write them. Its name, path or password may
 * keep the address from being taken; no other address may ever be.
 */
const withClientText: readonly (readonly [
  dataType: string,
  what: string,
  line: (text: () => string, ip: string) => string,
])[] = [
  [
    "nginx",
    "a path in the error log",
    (text, ip) =>
      `2026/01/10 13:55:36 [error] 20#20: *9 open() "/srv/${text()}" failed (2: No such file or directory), client: ${ip}, server: s, request: "GET /${text()} HTTP/1.1", host: "${text()}", referrer: "${text()}"`,
  ],
  [
    "nginx",
    "a request in the error log",
    (text, ip) =>
      `2026/01/10 13:55:36 [error] 20#20: *9 access forbidden by rule, client: ${ip}, server: s, request: "GET /${text()} HTTP/1.1", host: "${text()}", referrer: "${text()}"`,
  ],
  [
    "apache",
    "a path in the error log",
    (text, ip) =>
      `[Sat Jan 10 13:55:36.123456 2026] [core:error] [pid 1:tid 2] [client ${ip}:51000] AH00126: Invalid URI in request GET ${text()}`,
  ],
  [
    "traefik",
    "the common format",
    (text, ip) =>
      `${ip} - ${text()} [10/Jan/2026:13:55:36 +0000] "GET /${text()} HTTP/1.1" 404 19 ${JSON.stringify(text())} ${JSON.stringify(text())} 12 "web@docker" "http://10.0.0.2:80" 3ms`,
  ],
  [
    "dovecot",
    "a login",
    (text, ip) =>
      `Jan 10 13:55:31 mail-1 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 6 secs): user=<${text()}>, method=PLAIN, rip=${ip}, lip=198.51.100.1, TLS, session=<azda>`,
  ],
  [
    "dovecot",
    "a part of a login",
    (text, ip) =>
      `Jan 10 13:55:31 mail-1 dovecot: auth: passwd-file(${text()},${ip}): unknown user (given password: ${text()})`,
  ],
  [
    "postfix",
    "a refused mail",
    (text, ip) =>
      `Jan 10 13:55:37 mail-1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[${ip}]: 554 5.7.1 <${text()}>: Relay access denied; from=<${text()}> to=<${text()}> proto=ESMTP helo=<${text()}>`,
  ],
  [
    "postfix",
    "a failed login",
    (text, ip) =>
      `Jan 10 13:55:37 mail-1 postfix/smtpd[9]: warning: unknown[${ip}]: SASL LOGIN authentication failed: x, sasl_username=${text()}`,
  ],
  [
    "postfix",
    "a foreign protocol",
    (text, ip) =>
      `Jan 10 13:55:37 mail-1 postfix/smtpd[9]: warning: non-SMTP command from unknown[${ip}]: ${text()}`,
  ],
  [
    "linux-auth",
    "a service of PAM",
    (text, ip) =>
      `Jan 10 13:55:37 h vsftpd[9]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=${text()} rhost=${ip}  user=${text()}`,
  ],
  [
    "haproxy",
    "a bad request",
    (text, ip) =>
      `Jan 10 13:55:36 lb-1 haproxy[9]: ${ip}:33317 [10/Jan/2026:13:55:35.985] web a/b 1/0/3/6/10 404 5 - - ---- 1/1/1/1/0 0/0 {${text().replace(/["{}|#]/g, "#22")}} "GET /${text().replace(/["#]/g, "#22")} HTTP/1.1"`,
  ],
];

describe.each(withClientText)("a client in lines of %s: %s", (dataType, _what, lineOf) => {
  it("is never taken for another", () => {
    const parse = parserOf(dataType);
    const random = new Random(23);
    let known = 0;
    for (let round = 0; round < ROUNDS / 4; round++) {
      // A lone control character or line end would be escaped, or end the line.
      const text = (): string => attackerText(random).replace(/[\r\n]/g, "");
      const ip = random.pick(ATTACKER);
      const line = lineOf(text, ip);
      const event = parse(line);
      expect([ip, undefined], line).toContain(event?.origin?.ip);
      if (event?.origin?.ip) known++;
    }
    expect(known).toBeGreaterThan(ROUNDS / 20);
  });
});

/** Messages with a name that the client chose, as sshd writes them, and the event that must come of them. */
const messages = [
  [
    (user: string, from: string) => `Failed password for invalid user ${user} from ${from} ssh2`,
    "auth.login.failed",
  ],
  [
    (user: string, from: string) => `Failed none for invalid user ${user} from ${from} ssh2`,
    "auth.login.failed",
  ],
  [(user: string, from: string) => `Invalid user ${user} from ${from}`, "auth.user.unknown"],
  [
    (user: string, from: string) => `Connection closed by invalid user ${user} ${from} [preauth]`,
    "auth.login.aborted",
  ],
  [
    (user: string, from: string) => `Disconnected from invalid user ${user} ${from} [preauth]`,
    "auth.login.aborted",
  ],
  [
    (user: string, from: string) =>
      `Disconnecting invalid user ${user} ${from}: Too many authentication failures [preauth]`,
    "auth.login.denied",
  ],
  [
    (user: string, from: string) =>
      `error: maximum authentication attempts exceeded for invalid user ${user} from ${from} ssh2 [preauth]`,
    "auth.login.denied",
  ],
  [
    (user: string, from: string) => `Bad protocol version identification '${user}' from ${from}`,
    "auth.handshake.failed",
  ],
] as const;

describe("a client of sshd", () => {
  it.each(messages)("cannot write any field but its own: %s", (message, eventType) => {
    const parse = parserOf("sshd");
    const random = new Random(13);
    for (let round = 0; round < ROUNDS / 4; round++) {
      const ip = random.pick(ATTACKER);
      const port = random.whole(1024, 65_535);
      const line = `Jan 10 09:57:21 bastion-1 sshd[900]: ${message(attackerText(random), `${ip} port ${port}`)}`;
      const event = parse(line);
      expect(event, line).toMatchObject({
        eventType,
        origin: { ip, port },
        target: { host: "bastion-1", process: "sshd" },
      });
      expect(event?.errors, line).toBeUndefined();
    }
  });

  it("cannot be taken for another by what it sends as a reason or a banner", () => {
    const parse = parserOf("sshd");
    const random = new Random(17);
    for (let round = 0; round < ROUNDS; round++) {
      const text = attackerText(random);
      const place = `192.0.2.66 port ${random.whole(1024, 65_535)}`;
      const message = random.pick([
        `Received disconnect from ${place}:11: ${text} [preauth]`,
        `Unable to negotiate with ${place}: no matching host key type found. Their offer: ${text} [preauth]`,
        `banner exchange: Connection from ${place}: ${text}`,
        `Disconnecting invalid user a ${place}: Change of username or service not allowed: (${text},ssh-connection) -> (${text},ssh-connection) [preauth]`,
        `error: kex_exchange_identification: client sent invalid protocol identifier "${text}"`,
      ]);
      const event = parse(`Jan 10 09:57:21 bastion-1 sshd[900]: ${message}`);
      expect(["192.0.2.66", undefined], message).toContain(event?.origin?.ip);
      expect(event?.eventType, message).not.toMatch(/^auth\.login\.(success|failed)/);
    }
  });
});

const dataTypes = allPlugins.flatMap(({ plugin }) => plugin.parse?.dataTypes ?? []);
describe.each(dataTypes)("pipelines of %s", (dataType) => {
  it("make a schema-checked event of any text", () => {
    const parse = parserOf(dataType);
    const random = new Random(19);
    for (let round = 0; round < ROUNDS; round++) {
      let line = random.chance(0.2) ? "{" : random.chance(0.3) ? "Jan 10 09:57:21 h sshd[1]: " : "";
      line += attackerText(random, 12);
      expect(() => parse(line), JSON.stringify(line)).not.toThrow();
    }
  });
});
