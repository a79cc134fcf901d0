import { accessSync, constants, globSync, statSync } from "node:fs";

/** Where a kind of log usually lies on a host. The first pattern of a path wins, so no file is read twice. */
const usual: readonly { readonly dataType: string; readonly include: readonly string[] }[] = [
  {
    dataType: "nginx",
    include: ["/var/log/nginx/*access.log", "/var/log/nginx/*/access.log", "/var/log/nginx/*error.log"],
  },
  {
    dataType: "apache",
    include: ["/var/log/apache2/*{access,error}.log", "/var/log/httpd/*{access,error}_log"],
  },
  { dataType: "traefik", include: ["/var/log/traefik/access.log", "/var/log/traefik/access.json"] },
  { dataType: "linux-auth", include: ["/var/log/auth.log", "/var/log/secure"] },
  { dataType: "haproxy", include: ["/var/log/haproxy.log"] },
  { dataType: "caddy", include: ["/var/log/caddy/*.log"] },
  { dataType: "fail2ban", include: ["/var/log/fail2ban.log"] },
  { dataType: "crowdsec", include: ["/var/log/crowdsec.log", "/var/log/crowdsec_api.log"] },
  { dataType: "postfix", include: ["/var/log/mail.log", "/var/log/maillog"] },
  { dataType: "netfilter", include: ["/var/log/ufw.log"] },
  { dataType: "auditd", include: ["/var/log/audit/audit.log"] },
  { dataType: "suricata", include: ["/var/log/suricata/eve.json"] },
  {
    dataType: "zeek",
    include: ["/opt/zeek/logs/current/{conn,dns,http,ssl,ssh,smtp,files,notice,weird}.log"],
  },
  {
    dataType: "syslog",
    include: ["/var/log/syslog", "/var/log/messages", "/var/log/kern.log", "/var/log/daemon.log"],
  },
  {
    dataType: "generic",
    include: ["/var/log/dpkg.log", "/var/log/apt/history.log", "/var/log/alternatives.log"],
  },
];

export interface HostLog {
  readonly dataType: string;
  readonly path: string;
}

/** The logs of this host that exist and may be read. */
export function hostLogs(): HostLog[] {
  return usual.flatMap(({ dataType, include }) =>
    include
      .flatMap((pattern) => globSync(pattern))
      .filter(isReadable)
      .map((path) => ({ dataType, path })),
  );
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
