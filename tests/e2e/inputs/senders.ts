import { spawn } from "node:child_process";
import { type Daemon, rsyslogDaemon, syslogNgDaemon } from "@vedette/testkit";

export type SenderName = "rsyslog" | "syslog-ng";

/** The senders of Debian, each where it can be had. */
export const senders: readonly { readonly name: SenderName; readonly daemon: Daemon | undefined }[] = [
  { name: "rsyslog", daemon: rsyslogDaemon() },
  { name: "syslog-ng", daemon: syslogNgDaemon() },
];

export interface RunningSender {
  readonly exited: Promise<void>;
  /** What it said last. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a sender in the foreground with its configuration and a folder for its own files. */
export function startSender(daemon: Daemon, config: string, state: string): RunningSender {
  const env = { ...process.env, ...daemon.env };
  const child = spawn(daemon.command, daemon.args(config, state), { env, stdio: ["ignore", "pipe", "pipe"] });
  let kept = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      kept = (kept + text).slice(-16_384);
    });
  }
  return {
    exited: new Promise((resolve) => child.once("close", () => resolve())),
    output: () => kept,
    kill: (signal) => child.kill(signal),
  };
}

/** How a sender reaches the agent. `counted` and `lines` are framings of TCP. */
export type Transport = "udp" | "tcp lines" | "tcp counted" | "tls";

export interface SenderOptions {
  readonly dir: string;
  readonly port: number;
  readonly transport: Transport;
  readonly tls?: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** The configuration of a sender that follows `<dir>/in.log` and sends each line as one message, as its manual shows it. */
export const senderConfig = (sender: SenderName, options: SenderOptions): string =>
  sender === "rsyslog" ? rsyslog(options) : syslogNg(options);

function rsyslog({ dir, port, transport, tls }: SenderOptions): string {
  const files = tls
    ? ` defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${tls.caFile}" defaultNetstreamDriverCertFile="${tls.certFile}" defaultNetstreamDriverKeyFile="${tls.keyFile}"`
    : "";
  const driver = tls ? ' StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"' : "";
  const framing = transport === "tcp lines" ? "traditional" : "octet-counted";
  const protocol = transport === "udp" ? 'protocol="udp"' : `protocol="tcp" TCP_Framing="${framing}"`;
  const template =
    transport === "tcp lines" ? "RSYSLOG_TraditionalForwardFormat" : "RSYSLOG_SyslogProtocol23Format";
  return `
global(workDirectory="${dir}"${files})
module(load="imfile")
input(type="imfile" file="${dir}/in.log" tag="app:" ruleset="out")
ruleset(name="out") {
  action(type="omfwd" target="127.0.0.1" port="${port}" ${protocol}${driver} template="${template}"
    action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="linkedList" queue.size="100000")
}
`;
}

function syslogNg({ dir, port, transport, tls }: SenderOptions): string {
  const driver = transport === "tcp counted" || tls ? "syslog" : "network";
  const files = tls
    ? ` tls(ca-file("${tls.caFile}") cert-file("${tls.certFile}") key-file("${tls.keyFile}") peer-verify(required-trusted))`
    : "";
  const kind = transport === "udp" || transport === "tls" ? transport : "tcp";
  return `@version: 3.38
options { time-reopen(1); stats-freq(0); use-dns(no); keep-hostname(yes); };
source s_in { file("${dir}/in.log" follow-freq(0.2) flags(no-parse)); };
destination d_out { ${driver}("127.0.0.1" port(${port}) transport("${kind}")${files}); };
log { source(s_in); destination(d_out); flags(flow-control); };
`;
}
