import { describe, expect, it } from "vitest";
import { Random } from "../../cli/src/samples/random.ts";
import { parseLine, pipelinesOf } from "./support/plugin-cases.ts";
import { allPlugins } from "./support/plugin-list.ts";

/** Pieces of the formats themselves, of which a client makes its name, path or user agent. */
// biome-ignore format: a list to be read in groups.
const PIECES = [
  " ", " ", "a", "root", "-", '"', '"', "'", "\\", "\\\\", "[", "]", "{", "}", "(", ")", ":", ";", ",", "=", "%20", "\t",
  " from ", "from", " port ", "port 22", " user ", "user", "invalid user ", "authenticating user ", "8.8.8.8", "8.8.8.8 ",
  " 2001:4860::8888", "8.8.8.8 port 22", "from 8.8.8.8 port 22 ssh2", " ssh2", "[preauth]", ": ", "Accepted password for root ",
  "Failed password for ", " HTTP/1.1", '" 200 5 "-" "', "200", " 200 5", " - - ", "[01/Jan/2020:00:00:00 +0000] ", "GET / ",
  "\u0000", "\u001b[31m", "\u202e", "\u00e9", "\u{1f980}", "$", "{jndi:ldap://8.8.8.8/a}", "\r", "__proto__", "rhost=8.8.8.8", "sshd[1]: ",
  "Jan  1 00:00:00 x sshd[1]: ", "Too many authentication failures", "message repeated 2 times: [ ",
] as const;

const ATTACKER = ["192.0.2.66", "2001:db8::66", "198.51.100.7"] as const;
const ROUNDS = 4_000;

const chosen = (random: Random): string => {
  let text = "";
  for (let count = random.whole(0, 7); count > 0; count--) text += random.pick(PIECES);
  return text;
};

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
      const user = chosen(random).trim() || "-";
      const [path, referer, agent] = [`/${chosen(random)}`, chosen(random) || "-", chosen(random) || "-"];
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
      const line = `Jan 10 09:57:21 bastion-1 sshd[900]: ${message(chosen(random), `${ip} port ${port}`)}`;
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
      const text = chosen(random);
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
      for (let count = random.whole(0, 12); count > 0; count--) line += random.pick(PIECES);
      expect(() => parse(line), JSON.stringify(line)).not.toThrow();
    }
  });
});
