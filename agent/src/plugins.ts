import { apache } from "@vedette/plugins/apache";
import { auditd } from "@vedette/plugins/auditd";
import { awsCloudtrail } from "@vedette/plugins/aws-cloudtrail";
import { caddy } from "@vedette/plugins/caddy";
import { cef } from "@vedette/plugins/cef";
import { ciscoAsa } from "@vedette/plugins/cisco-asa";
import { cri } from "@vedette/plugins/cri";
import { crowdsec } from "@vedette/plugins/crowdsec";
import { docker } from "@vedette/plugins/docker";
import { dockerJson } from "@vedette/plugins/docker-json";
import { dovecot } from "@vedette/plugins/dovecot";
import { exec } from "@vedette/plugins/exec";
import { fail2ban } from "@vedette/plugins/fail2ban";
import { fortigate } from "@vedette/plugins/fortigate";
import { generic } from "@vedette/plugins/generic";
import { geoblock } from "@vedette/plugins/geoblock";
import { haproxy } from "@vedette/plugins/haproxy";
import { http } from "@vedette/plugins/http";
import { journald } from "@vedette/plugins/journald";
import { json } from "@vedette/plugins/json";
import { kafka } from "@vedette/plugins/kafka";
import { leef } from "@vedette/plugins/leef";
import { linuxAuth } from "@vedette/plugins/linux-auth";
import { mikrotik } from "@vedette/plugins/mikrotik";
import { mqtt } from "@vedette/plugins/mqtt";
import { netfilter } from "@vedette/plugins/netfilter";
import { nginx } from "@vedette/plugins/nginx";
import { paloAlto } from "@vedette/plugins/palo-alto";
import { pfsense } from "@vedette/plugins/pfsense";
import { postfix } from "@vedette/plugins/postfix";
import { suricata } from "@vedette/plugins/suricata";
import { syslog } from "@vedette/plugins/syslog";
import { traefik } from "@vedette/plugins/traefik";
import { windows } from "@vedette/plugins/windows";
import { zeek } from "@vedette/plugins/zeek";
import { type AnyPlugin, switchedOff } from "@vedette/sdk";
import { icon } from "./input/icon/index.ts";
import { PluginSet } from "./plugin-set.ts";

const all = [
  nginx,
  apache,
  caddy,
  haproxy,
  traefik,
  geoblock,
  linuxAuth,
  fail2ban,
  crowdsec,
  postfix,
  dovecot,
  paloAlto,
  fortigate,
  ciscoAsa,
  awsCloudtrail,
  leef,
  cef,
  windows,
  zeek,
  suricata,
  mikrotik,
  pfsense,
  auditd,
  netfilter,
  dockerJson,
  cri,
  syslog,
  http,
  json,
  generic,
  docker,
  exec,
  journald,
  kafka,
  mqtt,
  icon,
] satisfies readonly AnyPlugin[];

/** The plugins whose pipelines and inputs come with every agent, but those that the environment switches off. */
export const plugins: readonly AnyPlugin[] = all.filter(({ id }) => !switchedOff(id, process.env));

/** The same, ready for use; what an agent without `pluginFolders` has. */
export const builtin = new PluginSet(plugins);
