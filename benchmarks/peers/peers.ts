import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, rsyslogDaemon, syslogNgDaemon } from "@vedette/testkit";
import type { InputKind } from "./input.ts";
import { LineCount, type Program } from "./measure.ts";

/** A case of the comparison: what is read, and whether it is parsed. */
export interface Case {
  readonly name: string;
  readonly kind: InputKind;
  readonly parse: boolean;
  /** Part of the lines asked for; default all. */
  readonly share?: number;
}

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** How it does a case; undefined where it cannot. The program reads `file` and writes into `dir`. */
  program(of: Case, file: string, dir: string, lines: number): Program | undefined;
}

const patterns = {
  nginx: String.raw`^(?<ip>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>[A-Z]+) (?<url>\S+) HTTP/(?<version>[0-9.]+)" (?<status>\d+) (?<bytes>\d+|-) "(?<referer>[^"]*)" "(?<agent>[^"]*)"`,
  sshd: String.raw`^(?<time>\w+ +\d+ \S+) (?<host>\S+) sshd\[(?<pid>\d+)\]: (?:(?<failed>Failed password) for (?:invalid user )?(?<user>\S+) from (?<ip>\S+) port (?<port>\d+) ssh2|Invalid user (?<invalid>\S+) from (?<ip2>\S+) port (?<port2>\d+)|Accepted (?<method>\S+) for (?<user2>\S+) from (?<ip3>\S+) port (?<port3>\d+) ssh2.*|Connection closed by authenticating user (?<user3>\S+) (?<ip4>\S+) port (?<port4>\d+) \[preauth\]|Disconnected from (?<ip5>\S+) port (?<port5>\d+))$`,
};

const rules = {
  nginx: `rule=:%ip:word% %ident:word% %user:word% [%time:char-to:]%] "%method:word% %url:word% HTTP/%version:char-to:"%" %status:number% %bytes:number% "%referer:char-to:"%" "%agent:char-to:"%"`,
  sshd: [
    "Failed password for %user:word% from %ip:word% port %port:number% ssh2",
    "Failed password for invalid user %user:word% from %ip:word% port %port:number% ssh2",
    "Invalid user %user:word% from %ip:word% port %port:number%",
    "Accepted %method:word% for %user:word% from %ip:word% port %port:number% ssh2: %key:rest%",
    "Connection closed by authenticating user %user:word% %ip:word% port %port:number% [preauth]",
    "Disconnected from %ip:word% port %port:number%",
  ]
    .map((said) => `rule=:%time:date-rfc3164% %host:word% sshd[%pid:number%]: ${said}`)
    .join("\n"),
};

/** A peer that a daemon and its configuration make; `configuration` gives the text for a case that writes to `out`. */
function peerOf(
  name: string,
  daemon: Daemon,
  configuration: (of: Case, file: string, dir: string, out: string) => string,
): Peer {
  const { command, env, version } = daemon;
  return {
    name,
    version,
    program(of, file, dir, lines) {
      mkdirSync(dir, { recursive: true });
      const out = join(dir, "out");
      const config = join(dir, `${name}.conf`);
      writeFileSync(config, configuration(of, file, dir, out));
      const count = new LineCount(out);
      return { command, env, args: daemon.args(config, dir), done: () => count.get() >= lines };
    },
  };
}

/** Debian's rsyslog: imfile, for parsing mmnormalize or mmjsonparse, omfile. One queue worker, large queue. */
export function rsyslog(): Peer | undefined {
  const daemon = rsyslogDaemon();
  if (!daemon) return undefined;
  return peerOf("rsyslog", daemon, ({ kind, parse }, file, dir, out) => {
    const parser =
      kind === "traefik"
        ? 'action(type="mmjsonparse" cookie="")'
        : `action(type="mmnormalize" useRawMsg="off" rulebase="${join(dir, "rules.rb")}")`;
    if (kind !== "traefik") writeFileSync(join(dir, "rules.rb"), `version=2\n${rules[kind]}\n`);
    return `global(workDirectory="${dir}" maxMessageSize="64k")
main_queue(queue.type="LinkedList" queue.size="100000" queue.workerThreads="1")
module(load="imfile" mode="inotify")
${parse ? `module(load="${kind === "traefik" ? "mmjsonparse" : "mmnormalize"}")` : ""}
template(name="raw" type="string" string="%msg%\\n")
template(name="parsed" type="string" string="%$!all-json%\\n")
input(type="imfile" File="${file}" Tag="t" addMetadata="off" ruleset="work")
ruleset(name="work") {
  ${parse ? parser : ""}
  action(type="omfile" file="${out}" template="${parse ? "parsed" : "raw"}" ioBufferSize="256k" flushOnTXEnd="on")
}
`;
  });
}

/** Debian's syslog-ng: file source, for parsing regexp-parser or json-parser, file destination as JSON. */
export function syslogNg(): Peer | undefined {
  const daemon = syslogNgDaemon();
  if (!daemon) return undefined;
  return peerOf("syslog-ng", daemon, ({ kind, parse }, file, _dir, out) => {
    const parser =
      kind === "traefik"
        ? 'json-parser(prefix("p."));'
        : `regexp-parser(prefix("p.") patterns('${patterns[kind]}'));`;
    return `@version: 3.38
options { stats-freq(0); log-msg-size(65536); };
source s { file("${file}" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000) log-iw-size(10000)); };
${parse ? `parser p { ${parser} };` : ""}
destination d {
  file("${out}" template("${parse ? "$(format-json --key p.*)" : "$MESSAGE"}\\n") flush-lines(1000) log-fifo-size(100000));
};
log { source(s); ${parse ? "parser(p);" : ""} destination(d); flags(flow-control); };
`;
  });
}
